// The commands as a table, and the way from the arguments to one of them.
#include "harness/cli/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/interrupt.h"
#include "harness/cli/help.h"
#include "harness/cli/terminal.h"
#include "harness/cli/version.h"
#include "probes/probe.h"

namespace inferometer {
namespace {

constexpr std::string_view kName = "inferometer";
constexpr std::string_view kSummary =
    "Measures how well this device runs local language models: how fast, how steadily, how close "
    "to what the hardware allows, and whether the fast answer was the right one.";

constexpr std::string_view kExamples =
    "Examples:\n"
    "  inferometer run --preset quick              a first answer in under a minute\n"
    "  inferometer run --model my.gguf --json -    your model, the result as JSON\n"
    "  inferometer list devices                    what can be measured here\n"
    "\n"
    "Exit codes: 0 ok, 1 some rows failed or a regression is confirmed, 2 usage, 3\n"
    "inconclusive, 4 incomparable, 5 invalid input, 6 implausible, 7 the run failed,\n"
    "8 a run hung, 9 a row is missing, 130 or 143 interrupted.\n";

constexpr Command kCommands[] = {
    {"run", "benchmark this device", "Measure",
     "Examples:\n"
     "  inferometer run\n"
     "  inferometer run --preset quick --json result.json --html result.html\n"
     "  inferometer run --model llama-3.2-1b --quant q4_k_m --workload decode\n"
     "  inferometer run --model my.gguf --device cpu:avx2 --threads 4 --json -\n"
     "\n"
     "Ctrl-C ends the run after the current repetition and still writes what was\n"
     "measured, marked incomplete; a second one ends it at once.\n",
     AddRun},
    {"ceilings", "what this device can do at most: bandwidths, peaks, latencies", "Measure",
     "Examples:\n"
     "  inferometer ceilings\n"
     "  inferometer ceilings --full --html ceilings.html\n"
     "  inferometer ceilings --device cpu:avx2 --threads 1 --json -\n",
     AddCeilings},
    {"verify", "hold every device against the reference", "Measure",
     "Examples:\n"
     "  inferometer verify --quick\n"
     "  inferometer verify --device cpu:avx2 --json\n",
     AddVerify},
#ifdef INFEROMETER_HAS_KERNELS
    {"kernels", "op-level suite (Google Benchmark)", "Measure",
     "Google Benchmark's flags, with '=' before their value, go to it as they are:\n"
     "  --benchmark_filter=REGEX --benchmark_min_time=SECONDS\n"
     "  --benchmark_repetitions=N --benchmark_out=FILE\n"
     "  --benchmark_out_format=json|console|csv --benchmark_format=json|console|csv\n"
     "and the others. A name is op/format/shape/step/device, and ends in /manual_time.\n"
     "\n"
     "Each op is held against the reference before it is timed. In steps of up to 8\n"
     "tokens it runs over so many copies of its weights or cache that they come from\n"
     "memory, as in a forward pass; the label says how many and how large together.\n"
     "'roofline' is the part of the roof that its cost attains; roofs are measured\n"
     "right before each benchmark.\n"
     "\n"
     "Examples:\n"
     "  inferometer kernels --list\n"
     "  inferometer kernels --device cpu:avx2 --benchmark_filter=matmul/q4_k\n"
     "  inferometer kernels --model my.gguf --tokens 1 --benchmark_out=a.json\n",
     AddKernels},
#endif
    {"eval", "token ids in, logits and greedy continuation out", "Measure",
     "Examples:\n"
     "  inferometer eval --model my.gguf --tokens 1,2,3 --greedy 32\n"
     "  inferometer eval --model smollm2-135m --tokens 7 --device reference\n",
     AddEval},
    {"ab", "two builds, interleaved on this machine: verdict and exit code", "Gate",
     "Examples:\n"
     "  inferometer ab --base ./base --head ./head --model my.gguf\n"
     "  inferometer ab --base ./base --head ./head --workload decode,prefill\n"
     "  inferometer ab --base-cmd 'base/llama-bench -m my.gguf -o json' \\\n"
     "                 --head-cmd 'head/llama-bench -m my.gguf -o json'\n"
     "\n"
     "Fresh processes in ABBA order: 6 pairs of everything, then 12 fresh pairs of the\n"
     "workloads with suspects. Exit codes: 0 ok, 1 a regression is confirmed, 3\n"
     "inconclusive where the policy says that fails, 4 incomparable, 5 an arm's output\n"
     "is no result, 7 an arm crashed, 8 an arm hung, 9 a row is missing.\n",
     AddAb},
    {"gate", "two stored results: verdict and exit code", "Gate",
     "Examples:\n"
     "  inferometer gate base.json head.json --policy ci/policy.json --junit gate.xml\n"
     "  inferometer gate --self-test\n"
     "\n"
     "Only results of the same machine and settings are compared, and what it did in\n"
     "between stays in the difference: thresholds are twice those of `ab`.\n",
     AddGate},
    {"calibrate", "the noise floor of this machine, into a policy", "Gate",
     "Examples:\n"
     "  inferometer calibrate --policy ci/policy.json -o ci/policy.json\n"
     "  inferometer calibrate --pairs 20 --workload decode -o policy.json\n",
     AddCalibrate},
    {"compare", "results side by side", "Gate",
     "Examples:\n"
     "  inferometer compare laptop.json desktop.json\n"
     "  inferometer compare a.json b.json c.json --markdown -\n",
     AddCompare},
    {"history", "results over commits, and where a level began", "Gate",
     "Examples:\n"
     "  inferometer history append --store bench.ndjson result.json\n"
     "  inferometer history analyze --store bench.ndjson --fail\n",
     AddHistory},
    {"probe", "what this device is", "Look", "", AddProbe},
    {"list", "models, quants, workloads, metrics, devices or presets", "Look",
     "Examples:\n"
     "  inferometer list models\n"
     "  inferometer list devices --json\n",
     AddList},
    {"report", "a result file as summary, HTML, CSV, Markdown ...", "Files",
     "Examples:\n"
     "  inferometer report result.json\n"
     "  inferometer report result.json --html result.html --csv -\n",
     AddReport},
    {"import", "what another program measured, as a result", "Files",
     "Examples:\n"
     "  llama-bench -m my.gguf -o json > a.json\n"
     "  inferometer import llama-bench a.json --json l.json\n"
     "  inferometer report l.json\n"
     "\n"
     "Without a report flag the result goes to stdout as JSON. What the input lacks is\n"
     "null with a reason; where definitions differ a warning in the result says so.\n",
     AddImport},
    {"model", "make, inspect or hash a GGUF file", "Files",
     "Examples:\n"
     "  inferometer model make --model llama-3.2-1b --quant q4_k_m -o llama.gguf\n"
     "  inferometer model inspect llama.gguf\n",
     AddModel},
    {"submit", "redact, check, sign and place a result for the leaderboard", "Publish",
     "Examples:\n"
     "  inferometer submit --new-key\n"
     "  inferometer run --preset leaderboard --json result.json\n"
     "  inferometer submit result.json --dry-run\n"
     "  inferometer submit result.json\n"
     "\n"
     "Nothing is uploaded: the files that are to be published are written, and you\n"
     "open the pull request. results/README.md says what each finding means.\n",
     AddSubmit},
    {"validate", "what the leaderboard's CI runs on published results", "Publish",
     "Examples:\n"
     "  inferometer validate\n"
     "  inferometer validate results/public/2026/05/0123456789abcdef.json\n"
     "  git diff --name-status --no-renames main... | inferometer validate --changes -\n"
     "\n"
     "Exit codes: 0 nothing speaks against them, 5 invalid, 6 implausible. Findings of\n"
     "the kinds 'review' and 'warn' do not refuse a result.\n",
     AddValidate},
    {"results", "published results as a table: export, leaderboard", "Publish",
     "Examples:\n"
     "  inferometer results export --ndjson results.ndjson --csv results.csv\n"
     "  inferometer results leaderboard --csv -\n",
     AddResults},
};

// The innermost command that was named.
CLI::App& Innermost(CLI::App& root) {
  CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

std::string FullName(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return (parent == nullptr ? "" : FullName(*parent) + " ") + app.get_name();
}

// What the parser did not like, in words that name the argument and the remedy.
std::string UsageProblem(CLI::App& root, const CLI::ParseError& error) {
  for (CLI::App* app = &root; app != nullptr;) {
    if (const std::vector<std::string> left = app->remaining(); !left.empty()) {
      return UnknownArgument(*app, left);
    }
    app = app->get_subcommands().empty() ? nullptr : app->get_subcommands().front();
  }
  const CLI::App& innermost = Innermost(root);
  const std::string name = FullName(innermost);
  if (!innermost.get_subcommands([](const CLI::App*) { return true; }).empty()) {
    return fmt::format("'{}' needs a command; see '{} --help'", name, name);
  }
  if (error.get_name() == "ArgumentMismatch") {  // "--threads: 1 required N missing"
    const std::string what = error.what();
    return fmt::format("{} needs a value; see '{} --help'", what.substr(0, what.find(':')), name);
  }
  return fmt::format("{}; see '{} --help'", error.what(), name);
}

void Complain(std::string_view message) {
  const bool color = DescribeTerminal(STDERR_FILENO).color;
  std::string text = fmt::format("{}error:{} ", color ? "\x1b[1;31m" : "", color ? "\x1b[0m" : "");
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    text += Printable(message.substr(0, end)) + "\n";
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  PrintErr(text);
}

int Dispatch(int argc, const char* const* argv) {
  CLI::App root{std::string(kSummary), std::string(kName)};
  root.formatter_fn([](const CLI::App* app, const std::string&, CLI::AppFormatMode) {
    return HelpText(*app, FullName(*app));
  });
  root.option_defaults()->group("Options");
  root.set_help_flag("-h,--help", "this text");
  root.add_flag_callback(
      "--version", [] { throw CLI::CallForVersion(VersionText(), 0); },
      "version, commit, compiler");
  root.add_flag_callback(
          "--help-markdown", [&root] { throw CLI::CallForVersion(HelpMarkdown(root), 0); }, "")
      ->group("");
  root.footer(std::string(kExamples));
  root.require_subcommand(1);
  std::vector<Action> actions;
  for (const Command& command : Commands()) {
    CLI::App* app = root.add_subcommand(std::string(command.name), std::string(command.help));
    app->group(std::string(command.group));
    app->footer(std::string(command.examples));
    actions.push_back(command.add(*app));
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App& app = Innermost(root);
    PrintOut(HelpText(app, FullName(app)));
    return static_cast<int>(ExitCode::kOk);
  } catch (const CLI::CallForVersion& text) {
    PrintOut(text.what());
    return static_cast<int>(ExitCode::kOk);
  } catch (const CLI::ParseError& error) {
    throw Error(ExitCode::kUsage, UsageProblem(root, error));
  }
  const std::string chosen = root.get_subcommands().front()->get_name();
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (Commands()[i].name == chosen) return actions[i]();
  }
  return static_cast<int>(ExitCode::kUsage);  // not reached: the parser knows only these commands
}

}  // namespace

std::span<const Command> Commands() { return kCommands; }

int RunProgram(int argc, const char* const* argv) {
  // The program starts itself again to ask GPU drivers, which may take it down with them.
  if (const auto answered = AnswerGpuQuestion(argc, argv)) return *answered;
  try {
    return Dispatch(argc, argv);
  } catch (const Error& error) {
    Complain(error.what());
    return Interrupt::Signal() != 0 ? 128 + Interrupt::Signal() : static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    Complain(
        "memory ran out; close other programs or take a smaller model (inferometer list models)");
    return static_cast<int>(ExitCode::kRunFailed);
  } catch (const std::exception& error) {
    Complain(fmt::format("{} (a fault of the program: please report it)", error.what()));
    return static_cast<int>(ExitCode::kRunFailed);
  }
}

}  // namespace inferometer
