// The render functions that reports.cc lists, one file each.
#ifndef INFEROMETER_HARNESS_REPORT_FORMATS_H_
#define INFEROMETER_HARNESS_REPORT_FORMATS_H_

#include <string>

#include "harness/report/report.h"

namespace inferometer {

std::string RenderConsole(const Result& result, const Style& style);
std::string RenderJson(const Result& result, const Style& style);
std::string RenderCsv(const Result& result, const Style& style);
std::string RenderMarkdown(const Result& result, const Style& style);
std::string RenderHtml(const Result& result, const Style& style);
std::string RenderLlamaBenchJson(const Result& result, const Style& style);
std::string RenderGoogleBenchmarkJson(const Result& result, const Style& style);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_FORMATS_H_
