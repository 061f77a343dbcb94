// `inferometer run`: benchmarks this device.
#include "harness/runner/run.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "harness/base/child_process.h"
#include "harness/cli/commands.h"
#include "harness/cli/measuring.h"
#include "harness/cli/options.h"
#include "harness/cli/outputs.h"

namespace inferometer {
namespace {

constexpr int kMostThreads = 4096;

struct Arguments {
  RunRequest request;
  std::string progress = "auto";
  Outputs outputs;
};

template <typename T>
void Append(std::vector<T>& list, std::vector<T> more) {
  list.insert(list.end(), more.begin(), more.end());
}

// Names are checked by the runner, before anything is measured: it knows which exist here.
constexpr Option<Arguments> kOptions[] = {
    {{"--preset", "NAME", "quick, standard, extended or leaderboard", "standard",
      "What to measure"},
     [](Arguments& a, const Given& g) { a.request.preset = g.value; }},
    {{"--model", "NAME|FILE", "a standard model, synthesised, or a GGUF file; may be repeated",
      "the largest of the default tiers that fits", "What to measure", true},
     [](Arguments& a, const Given& g) { a.request.models.push_back(g.value); }},
    {{"--quant", "Q", "how the weights of standard models are stored", "the suite's",
      "What to measure"},
     [](Arguments& a, const Given& g) { a.request.quant = g.value; }},
    {{"--workload", "LIST", "workloads, with commas between", "the preset's", "What to measure",
      true},
     [](Arguments& a, const Given& g) { Append(a.request.workloads, CommaList(g)); }},
    {{"--backend", "LIST", "backends, with commas between", "all", "Where to run", true},
     [](Arguments& a, const Given& g) { Append(a.request.backends, CommaList(g)); }},
    {{"--device", "ID", "a device as 'list devices' names it; may be repeated",
      "the fastest CPU kernels and every GPU", "Where to run", true},
     [](Arguments& a, const Given& g) { a.request.devices.push_back(g.value); }},
    {{"--threads", "N", "CPU threads that compute", "one per physical core", "Where to run"},
     [](Arguments& a, const Given& g) {
       a.request.threads = static_cast<int>(WholeNumber(g, 1, kMostThreads));
     }},
    {{"--time-budget", "SECONDS", "end sampling after so long, however wide the intervals",
      "the preset's", "How to measure"},
     [](Arguments& a, const Given& g) { a.request.time_budget_s = PositiveNumber(g); }},
    {{"--sustained-minutes", "N", "how long the workload 'sustained' decodes", "5",
      "How to measure"},
     [](Arguments& a, const Given& g) { a.request.sustained_minutes = PositiveNumber(g); }},
    {{"--seed", "N", "of synthetic weights and token streams", "1", "How to measure"},
     [](Arguments& a, const Given& g) { a.request.seed = SeedNumber(g); }},
    {{"--no-wait", "", "measure at once: do not wait for load and heat to settle", "",
      "How to measure"},
     [](Arguments& a, const Given&) { a.request.wait = false; }},
    {{"--no-energy", "", "do not count joules", "", "How to measure"},
     [](Arguments& a, const Given&) { a.request.energy = false; }},
    {{"--profile", "", "after measuring, time each part of a step by the device's own clock", "",
      "How to measure"},
     [](Arguments& a, const Given&) { a.request.profile = true; }},
    {{"--progress", "STYLE", "auto, plain or none; auto is a live line on a terminal", "auto",
      "How to measure"},
     [](Arguments& a, const Given& g) {
       a.progress = KnownName(g, "style", {"auto", "plain", "none"});
     }},
};

// Of the run as it is shown, not of what is measured.
constexpr std::string_view kShown = "--progress";

int Measure(const Arguments& arguments) {
  return MeasureAndReport(
      arguments.outputs, arguments.progress, "repetition",
      [&arguments](const OnProgress& progress, const std::function<bool()>& stop) {
        return Run(arguments.request, progress, stop);
      });
}

}  // namespace

void AddRunFlags(CLI::App& app, std::vector<std::string>& words) {
  // Checked as `run` checks them, so that a bad value is found before anything runs.
  const auto scratch = std::make_shared<Arguments>();
  for (const Option<Arguments>& option : kOptions) {
    if (option.text.names == kShown) continue;
    AddOption(app, option.text, [scratch, &words, set = option.set](const Given& given) {
      set(*scratch, given);
      words.push_back(given.flag);
      if (!given.value.empty()) words.push_back(given.value);
    });
  }
}

Action AddRun(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  arguments->request.gpu_helper = ThisProgram();
  AddOptions<Arguments>(app, kOptions, *arguments);
  arguments->outputs.AddOptions(app);
  return [arguments] { return Measure(*arguments); };
}

}  // namespace inferometer
