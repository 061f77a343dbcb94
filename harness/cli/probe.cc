// `inferometer probe`: what this device is.
#include "probes/probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/report/probe_page.h"

namespace inferometer {
namespace {

struct Arguments {
  bool json = false;
  std::string record;
};

constexpr Option<Arguments> kOptions[] = {
    {{"--json", "", "the result's `device` object, with the source of every fact", "", "Options"},
     [](Arguments& a, const Given&) { a.json = true; }},
    {{"--record", "DIR", "also write what was read there: a device for the tests", "", "Options"},
     [](Arguments& a, const Given& g) { a.record = g.value; }},
};

int Describe(const Arguments& arguments) {
  SystemRoot here;
  here.gpu_helper = ThisProgram();
  const nlohmann::json device = arguments.record.empty()
                                    ? DescribeDevice(here)
                                    : RecordDevice(arguments.record, here.gpu_helper);
  if (arguments.json) {
    const nlohmann::json document = {{"device", device}};
    PrintOut(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else {
    PrintOut(ProbePage(device, DescribeTerminal(STDOUT_FILENO).color));
  }
  for (const std::string& trouble : GpuTroubles(device))
    PrintErr(fmt::format("warning: {}\n", Printable(trouble)));
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

Action AddProbe(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] { return Describe(*arguments); };
}

}  // namespace inferometer
