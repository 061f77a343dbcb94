// `inferometer ceilings`: what this device can do at most.

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "harness/base/child_process.h"
#include "harness/cli/commands.h"
#include "harness/cli/measuring.h"
#include "harness/cli/options.h"
#include "harness/cli/outputs.h"
#include "harness/runner/run_ceilings.h"

namespace inferometer {
namespace {

constexpr int kMostThreads = 4096;

struct Arguments {
  CeilingsRequest request;
  std::string progress = "auto";
  Outputs outputs;
};

constexpr Option<Arguments> kOptions[] = {
    {{"--full", "",
      "every kernel set, all numbers of threads, curves from the first cache to memory", "",
      "What to measure"},
     [](Arguments& a, const Given&) { a.request.full = true; }},
    {{"--device", "ID", "a device as 'list devices' names it; may be repeated",
      "the fastest CPU kernels and every GPU", "Where to run", true},
     [](Arguments& a, const Given& g) { a.request.devices.push_back(g.value); }},
    {{"--threads", "N", "CPU threads at most", "one per physical core", "Where to run"},
     [](Arguments& a, const Given& g) {
       a.request.threads = static_cast<int>(WholeNumber(g, 1, kMostThreads));
     }},
    {{"--progress", "STYLE", "auto, plain or none; auto is a live line on a terminal", "auto",
      "How to measure"},
     [](Arguments& a, const Given& g) {
       a.progress = KnownName(g, "style", {"auto", "plain", "none"});
     }},
};

int Measure(const Arguments& arguments) {
  return MeasureAndReport(
      arguments.outputs, arguments.progress, "ceiling",
      [&arguments](const OnProgress& progress, const std::function<bool()>& stop) {
        return RunCeilings(arguments.request, progress, stop);
      });
}

}  // namespace

Action AddCeilings(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  arguments->request.gpu_helper = ThisProgram();
  AddOptions<Arguments>(app, kOptions, *arguments);
  arguments->outputs.AddOptions(app);
  return [arguments] { return Measure(*arguments); };
}

}  // namespace inferometer
