// The report formats: each turns a result into text. One file and one line in reports.cc each.
#ifndef INFEROMETER_HARNESS_REPORT_REPORT_H_
#define INFEROMETER_HARNESS_REPORT_REPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "results/record.h"

namespace inferometer {

struct Style {
  bool color = false;  // ANSI colours: only for a terminal, and not with NO_COLOR
  // The dashboard's device page, which --html fills; empty: the page that needs no script.
  std::string_view page = {};
};

struct ReportFormat {
  std::string_view name;  // "markdown"
  std::string_view flag;  // "--markdown"; empty for the console summary, which is always shown
  std::string_view help;  // what it is for, lower case, no full stop
  // The whole text, UTF-8, ending in a newline. Pure: the same result gives the same bytes.
  std::string (*render)(const Result& result, const Style& style);
};

std::span<const ReportFormat> ReportFormats();
const ReportFormat* FindReportFormat(std::string_view name);  // null when unknown

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_REPORT_H_
