// Where reports go: files and stdout, checked before anything is measured, written whole at the
// end.
#include "harness/cli/outputs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/options.h"
#include "harness/cli/report_page.h"
#include "harness/cli/terminal.h"

namespace inferometer {

void Outputs::AddOptions(CLI::App& app) {
  for (const ReportFormat& format : ReportFormats()) {
    if (format.flag.empty()) continue;
    AddOption(app, {format.flag, "FILE", format.help, "", "Reports ('-' is stdout)"},
              [this, &format](const Given& given) { places_.push_back({&format, given.value}); });
  }
}

bool Outputs::TakesStdout() const {
  return std::any_of(places_.begin(), places_.end(),
                     [](const Place& place) { return place.path == "-"; });
}

void Outputs::Check() const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (places_[i].path == places_[j].path) {
        throw Error(ExitCode::kUsage,
                    fmt::format("{} and {} both name '{}'; give each a place of its own",
                                places_[j].format->flag, places_[i].format->flag, places_[i].path));
      }
    }
    if (places_[i].path != "-") CheckWritable(places_[i].path);
  }
}

void Outputs::Write(const Result& result) const {
  std::string page;
  for (const Place& place : places_) {
    if (place.format->flag == "--html") page = ReportPage();
    const std::string text = place.format->render(result, {.page = page});
    if (place.path == "-") {
      PrintOut(text);
    } else {
      AtomicFile file(place.path);
      file.Write(text);
      file.Commit();
    }
  }
}

std::string Outputs::Written() const {
  std::string text;
  for (const Place& place : places_) {
    if (place.path != "-") text += fmt::format("wrote {}\n", Printable(place.path));
  }
  return text.empty() ? text : "\n" + text;
}

void PrintSummary(const Result& result, bool on_stderr) {
  const Terminal terminal = DescribeTerminal(on_stderr ? STDERR_FILENO : STDOUT_FILENO);
  const std::string text = FindReportFormat("console")->render(result, {.color = terminal.color});
  on_stderr ? PrintErr(text) : PrintOut(text);
}

}  // namespace inferometer
