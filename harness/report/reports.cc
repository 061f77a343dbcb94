// The list of report formats.
#include <algorithm>

#include "harness/report/formats.h"

namespace inferometer {
namespace {

constexpr ReportFormat kFormats[] = {
    {"console", "", "the summary for a terminal", RenderConsole},
    {"json", "--json", "the result file: everything, raw samples included", RenderJson},
    {"html", "--html", "one self-contained page with plots", RenderHtml},
    {"csv", "--csv", "one line per row, for a spreadsheet", RenderCsv},
    {"markdown", "--markdown", "tables for a pull request or a forum", RenderMarkdown},
    {"llama-bench-json", "--llama-bench-json", "the JSON that llama-bench writes",
     RenderLlamaBenchJson},
    {"google-benchmark-json", "--google-benchmark-json",
     "the JSON that Google Benchmark's compare.py reads", RenderGoogleBenchmarkJson},
};

}  // namespace

std::span<const ReportFormat> ReportFormats() { return kFormats; }

const ReportFormat* FindReportFormat(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kFormats), std::end(kFormats),
                   [name](const ReportFormat& format) { return format.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace inferometer
