// `inferometer ab`: two builds, interleaved on this machine.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/interrupt.h"
#include "harness/cli/ab_arms.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/verdict_outputs.h"
#include "harness/gate/arm_process.h"
#include "harness/gate/interleave.h"

namespace inferometer {
namespace {

struct Arguments {
  ArmCommand base, head;
  std::vector<std::string> flags;
  std::size_t pairs = 0, confirm = 0;  // 0: the policy's
  double max_run_time_s = 0, arm_time_limit_s = 0;
  bool quiet = false;
  VerdictOutputs outputs;
};

constexpr std::int64_t kMostPairs = 300;

constexpr Option<Arguments> kOptions[] = {
    {{"--base", "PROGRAM", "the build before the change", "", "Arms"},
     [](Arguments& a, const Given& g) { a.base.program = g.value; }},
    {{"--head", "PROGRAM", "the build with the change", "", "Arms"},
     [](Arguments& a, const Given& g) { a.head.program = g.value; }},
    {{"--base-cmd", "COMMAND", "or a command that prints a result, ours or llama-bench's", "",
      "Arms"},
     [](Arguments& a, const Given& g) { a.base.shell = g.value; }},
    {{"--head-cmd", "COMMAND", "the same for the change", "", "Arms"},
     [](Arguments& a, const Given& g) { a.head.shell = g.value; }},
    {{"--pairs", "N", "pairs of the first stage", "the policy's, 6", "Gate"},
     [](Arguments& a, const Given& g) {
       a.pairs = static_cast<std::size_t>(WholeNumber(g, 1, kMostPairs));
     }},
    {{"--confirm", "N", "fresh pairs for suspects", "the policy's, 12", "Gate"},
     [](Arguments& a, const Given& g) {
       a.confirm = static_cast<std::size_t>(WholeNumber(g, 1, kMostPairs));
     }},
    {{"--max-run-time", "SECONDS", "begin no run that would end later", "the policy's, 3600",
      "Gate"},
     [](Arguments& a, const Given& g) { a.max_run_time_s = PositiveNumber(g); }},
    {{"--arm-time-limit", "SECONDS", "end a run that hangs", "the policy's, 600", "Gate"},
     [](Arguments& a, const Given& g) { a.arm_time_limit_s = PositiveNumber(g); }},
    {{"--quiet", "", "do not say which run is next", "", "Gate"},
     [](Arguments& a, const Given&) { a.quiet = true; }},
};

void CheckArm(ArmCommand& arm, const char* name, const std::vector<std::string>& flags) {
  arm.name = name;
  if (arm.program.empty() == arm.shell.empty()) {
    throw Error(ExitCode::kUsage,
                fmt::format("give either --{} PROGRAM or --{}-cmd COMMAND", name, name));
  }
  if (!arm.shell.empty()) return;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(arm.program, ignored)) {
    throw Error(ExitCode::kUsage, fmt::format("--{}: there is no program '{}'", name, arm.program));
  }
  arm.program = std::filesystem::absolute(arm.program, ignored);
  arm.flags = FlagsOfArm(flags);
}

int Compare(Arguments& arguments) {
  CheckArm(arguments.base, "base", arguments.flags);
  CheckArm(arguments.head, "head", arguments.flags);
  if (!arguments.flags.empty() &&
      (!arguments.base.shell.empty() || !arguments.head.shell.empty())) {
    throw Error(ExitCode::kUsage, fmt::format("{} is for programs; write it into --base-cmd and "
                                              "--head-cmd",
                                              arguments.flags.front()));
  }
  Policy policy = arguments.outputs.ReadPolicy();
  if (arguments.pairs > 0) policy.pairs = arguments.pairs;
  if (arguments.confirm > 0) policy.confirm_pairs = arguments.confirm;
  if (arguments.max_run_time_s > 0) policy.max_run_time_s = arguments.max_run_time_s;
  if (arguments.arm_time_limit_s > 0) policy.arm_time_limit_s = arguments.arm_time_limit_s;
  arguments.outputs.Check();
  const Interrupt interrupt("\nending after this run; interrupt again to stop at once\n");
  try {
    const Findings findings = Interleave(
        ArmsOf(arguments.base, arguments.head, policy.arm_time_limit_s, !arguments.quiet), policy);
    const int code = arguments.outputs.Write(findings, policy);
    return Interrupt::Signal() != 0 ? 128 + Interrupt::Signal() : code;
  } catch (const Error& error) {
    arguments.outputs.WriteFailure(error.what());
    throw;
  }
}

}  // namespace

Action AddAb(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  arguments->outputs.AddOptions(app);
  AddRunFlags(app, arguments->flags);
  return [arguments] { return Compare(*arguments); };
}

}  // namespace inferometer
