// What this device is, as a page for people.
#ifndef INFEROMETER_HARNESS_REPORT_PROBE_PAGE_H_
#define INFEROMETER_HARNESS_REPORT_PROBE_PAGE_H_

#include <nlohmann/json.hpp>
#include <string>

namespace inferometer {

// `device` as DescribeDevice makes it (probes/probe.h), or from a result file: anything may be
// absent or of another type. Lines of at most 80 columns, what matters for inference first; `color`
// adds ANSI escapes for headings and doubts.
std::string ProbePage(const nlohmann::json& device, bool color);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_PROBE_PAGE_H_
