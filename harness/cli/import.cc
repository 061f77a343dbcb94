// `inferometer import`: what another program measured, as a result of ours.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>
#include <string>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/outputs.h"
#include "harness/cli/terminal.h"
#include "results/import_llama_bench.h"
#include "results/json.h"
#include "results/statistics.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string format, file;
  Outputs outputs;
};

constexpr Option<Arguments> kOptions[] = {
    {{"FORMAT", "FORMAT", "llama-bench: its JSON or JSONL", "", "Arguments", false, true},
     [](Arguments& a, const Given& g) { a.format = KnownName(g, "format", {"llama-bench"}); }},
    {{"FILE", "FILE", "what the other program wrote; '-' is stdin", "", "Arguments", false, true},
     [](Arguments& a, const Given& g) { a.file = g.value; }},
};

// All of stdin, one byte beyond the limit at most: then the parser refuses it.
std::string ReadStdin() {
  const std::size_t most = JsonLimits().size_bytes + 1;
  std::string text;
  char buffer[1 << 16];
  while (text.size() < most) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ExitCode::kInvalidInput, "stdin cannot be read");
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

int Import(const Arguments& arguments) {
  arguments.outputs.Check();
  const bool stdin_asked = arguments.file == "-";
  const std::string text = stdin_asked ? ReadStdin() : ReadText(arguments.file);
  Result result = ImportLlamaBench(text, stdin_asked ? "stdin" : arguments.file);
  for (Record& record : result.records) {
    if (record.status == Status::kOk) PutStatistics(record);
  }
  arguments.outputs.Write(result);
  if (arguments.outputs.empty()) PrintOut(FindReportFormat("json")->render(result, {}));
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

Action AddImport(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  arguments->outputs.AddOptions(app);
  return [arguments] { return Import(*arguments); };
}

}  // namespace inferometer
