// The result file itself.
#include "harness/report/formats.h"

namespace inferometer {

std::string RenderJson(const Result& result, const Style&) {
  // Bytes that are not UTF-8 (a name out of a model file) are replaced rather than fatal.
  return ToJson(result).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace inferometer
