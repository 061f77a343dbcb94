// `inferometer report`: a result file in other formats, or as the summary.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "harness/base/error.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/outputs.h"
#include "results/result_file.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string result;
  Outputs outputs;
};

constexpr Option<Arguments> kOptions[] = {
    {{"RESULT.json", "RESULT.json", "what 'run --json' wrote", "", "Arguments", false, true},
     [](Arguments& a, const Given& g) { a.result = g.value; }},
};

}  // namespace

Action AddReport(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  arguments->outputs.AddOptions(app);
  return [arguments] {
    arguments->outputs.Check();
    const Result result = ReadResult(arguments->result);
    arguments->outputs.Write(result);
    if (arguments->outputs.empty()) PrintSummary(result, false);
    return static_cast<int>(ExitCode::kOk);
  };
}

}  // namespace inferometer
