// `inferometer calibrate`: the noise floor of this machine, into a policy.
#include "harness/gate/calibrate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/interrupt.h"
#include "harness/cli/ab_arms.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/table.h"
#include "harness/cli/terminal.h"
#include "harness/runner/run_info.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string program, shell, policy, output = "policy.json";
  std::size_t pairs = 12;
  bool quiet = false;
  std::vector<std::string> flags;
};

constexpr Option<Arguments> kOptions[] = {
    {{"--program", "PROGRAM", "the build that is compared with itself", "this one", "Arms"},
     [](Arguments& a, const Given& g) { a.program = g.value; }},
    {{"--cmd", "COMMAND", "or a command that prints a result, ours or llama-bench's", "", "Arms"},
     [](Arguments& a, const Given& g) { a.shell = g.value; }},
    {{"--pairs", "N", "pairs to run", "12", "Gate"},
     [](Arguments& a, const Given& g) {
       a.pairs = static_cast<std::size_t>(WholeNumber(g, 6, 300));
     }},
    {{"--policy", "FILE", "the policy that the noise is added to", "the program's own", "Gate"},
     [](Arguments& a, const Given& g) { a.policy = g.value; }},
    {{"-o,--output", "FILE", "where the policy goes; '-' is stdout", "policy.json", "Gate"},
     [](Arguments& a, const Given& g) { a.output = g.value; }},
    {{"--quiet", "", "do not say which run is next", "", "Gate"},
     [](Arguments& a, const Given&) { a.quiet = true; }},
};

std::string TableOf(const Policy& policy) {
  Table table{{{"noise", true}, {"of a pair", true}, {"seen from", true}, {"row"}}, {}};
  for (const RowNoise& row : policy.calibration->noise) {
    table.rows.push_back({fmt::format("{:.2f} %", 100 * row.estimate_p95),
                          fmt::format("{:.2f} %", 100 * row.pair_p95),
                          fmt::format("{:.2f} %", 100 * row.detectable), row.row});
  }
  return AlignedText(table);
}

int Measure(const Arguments& arguments) {
  if (!arguments.shell.empty() && (!arguments.program.empty() || !arguments.flags.empty())) {
    throw Error(ExitCode::kUsage, "--cmd is the whole command: give no program and no flag of run");
  }
  ArmCommand arm{"the arm", arguments.program, arguments.shell, {}};
  if (arm.shell.empty()) {
    if (arm.program.empty()) arm.program = ThisProgram();
    arm.flags = FlagsOfArm(arguments.flags);
  }
  const Policy policy = arguments.policy.empty() ? Policy() : ReadPolicy(arguments.policy);
  if (arguments.output != "-") CheckWritable(arguments.output);
  const Interrupt interrupt("\nending after this run; interrupt again to stop at once\n");
  const Policy calibrated = Calibrate(ArmsOf(arm, arm, policy.arm_time_limit_s, !arguments.quiet),
                                      policy, arguments.pairs, NowUtc());
  const std::string text = ToJson(calibrated).dump(2) + "\n";
  if (arguments.output == "-") {
    PrintOut(text);
    PrintErr(TableOf(calibrated));
  } else {
    AtomicFile file(arguments.output);
    file.Write(text);
    file.Commit();
    PrintOut(TableOf(calibrated));
  }
  return Interrupt::Signal() != 0 ? 128 + Interrupt::Signal() : static_cast<int>(ExitCode::kOk);
}

}  // namespace

Action AddCalibrate(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  AddRunFlags(app, arguments->flags);
  return [arguments] { return Measure(*arguments); };
}

}  // namespace inferometer
