// The graphics processors of a device, as rows of the page for people.
#ifndef INFEROMETER_HARNESS_REPORT_PROBE_GPUS_H_
#define INFEROMETER_HARNESS_REPORT_PROBE_GPUS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace inferometer {

struct PageRow {
  std::string label;  // empty together with `value`: a gap
  std::string value;
  bool doubt = false;  // worth a second look: software, a driver that hung ...
};

// Real ones first, then software, then what kept an API from telling more. `device` as for
// ProbePage: anything may be absent or of another type.
std::vector<PageRow> GpuRows(const nlohmann::json& device);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_PROBE_GPUS_H_
