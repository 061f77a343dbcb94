// The fields that a driver may fill, and nothing else of what a driver says.
#include <cctype>
#include <cmath>
#include <span>

#include "probes/gpu_question.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostText = 256, kMostItems = 1024;

enum class Kind { kText, kNumber, kBool, kTexts, kNumbers, kRows };

struct Field {
  const char* key;
  Kind kind;
};

// Bytes, hertz and nanoseconds as the keys end; the rest are counts.
constexpr Field kVulkanFields[] = {{"name", Kind::kText},
                                   {"type", Kind::kText},
                                   {"software", Kind::kBool},
                                   {"vendor_id", Kind::kText},
                                   {"device_id", Kind::kText},
                                   {"pci_address", Kind::kText},
                                   {"render_node", Kind::kNumber},
                                   {"driver_name", Kind::kText},
                                   {"driver_info", Kind::kText},
                                   {"driver_version", Kind::kText},
                                   {"api_version", Kind::kText},
                                   {"heaps", Kind::kRows},
                                   {"max_allocation_bytes", Kind::kNumber},
                                   {"max_buffer_bytes", Kind::kNumber},
                                   {"max_storage_buffer_range_bytes", Kind::kNumber},
                                   {"storage_buffer_alignment_bytes", Kind::kNumber},
                                   {"push_constants_bytes", Kind::kNumber},
                                   {"shared_memory_bytes", Kind::kNumber},
                                   {"max_workgroup_invocations", Kind::kNumber},
                                   {"max_workgroup_size", Kind::kNumbers},
                                   {"max_workgroup_count", Kind::kNumbers},
                                   {"subgroup_size", Kind::kNumber},
                                   {"subgroup_size_min", Kind::kNumber},
                                   {"subgroup_size_max", Kind::kNumber},
                                   {"subgroup_size_control", Kind::kBool},
                                   {"full_subgroups", Kind::kBool},
                                   {"subgroup_in_compute", Kind::kBool},
                                   {"subgroup_operations", Kind::kTexts},
                                   {"fp16", Kind::kBool},
                                   {"fp64", Kind::kBool},
                                   {"int8", Kind::kBool},
                                   {"int16", Kind::kBool},
                                   {"int64", Kind::kBool},
                                   {"storage_8bit", Kind::kBool},
                                   {"storage_16bit", Kind::kBool},
                                   {"dot_product", Kind::kBool},
                                   {"dot_int8_accelerated", Kind::kBool},
                                   {"dot_int8_packed_accelerated", Kind::kBool},
                                   {"dot_int8_mixed_sign_accelerated", Kind::kBool},
                                   {"cooperative_matrix", Kind::kRows},
                                   {"buffer_device_address", Kind::kBool},
                                   {"timestamp_period_ns", Kind::kNumber},
                                   {"timestamps_on_all_queues", Kind::kBool},
                                   {"queues", Kind::kRows},
                                   {"extensions", Kind::kTexts}};

constexpr Field kOpenClFields[] = {{"name", Kind::kText},
                                   {"board_name", Kind::kText},
                                   {"type", Kind::kText},
                                   {"software", Kind::kBool},
                                   {"platform", Kind::kText},
                                   {"platform_version", Kind::kText},
                                   {"vendor", Kind::kText},
                                   {"vendor_id", Kind::kText},
                                   {"device_id", Kind::kText},
                                   {"pci_address", Kind::kText},
                                   {"version", Kind::kText},
                                   {"driver_version", Kind::kText},
                                   {"c_version", Kind::kText},
                                   {"c_features", Kind::kTexts},
                                   {"il_version", Kind::kText},
                                   {"compute_units", Kind::kNumber},
                                   {"max_clock_hz", Kind::kNumber},
                                   {"global_memory_bytes", Kind::kNumber},
                                   {"max_allocation_bytes", Kind::kNumber},
                                   {"constant_buffer_bytes", Kind::kNumber},
                                   {"cache_bytes", Kind::kNumber},
                                   {"local_memory_bytes", Kind::kNumber},
                                   {"local_memory_type", Kind::kText},
                                   {"unified_memory", Kind::kBool},
                                   {"max_workgroup_invocations", Kind::kNumber},
                                   {"max_workgroup_size", Kind::kNumbers},
                                   {"max_arguments_bytes", Kind::kNumber},
                                   {"subgroups", Kind::kBool},
                                   {"max_subgroups", Kind::kNumber},
                                   {"subgroup_size", Kind::kNumber},
                                   {"subgroup_sizes", Kind::kNumbers},
                                   {"fp16", Kind::kBool},
                                   {"fp64", Kind::kBool},
                                   {"images", Kind::kBool},
                                   {"dot_product", Kind::kBool},
                                   {"dot_int8_accelerated", Kind::kBool},
                                   {"dot_int8_packed_accelerated", Kind::kBool},
                                   {"timer_resolution_ns", Kind::kNumber},
                                   {"extensions", Kind::kTexts}};

// Without control characters, cut at a whole character; null when nothing is left.
Json CleanText(const Json& value) {
  if (!value.is_string()) return nullptr;
  std::string text;
  bool space = false;
  for (const char c : value.get_ref<const std::string&>()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = byte <= ' ' || byte == 0x7f;
    if (!blank) {
      if (space && !text.empty()) text += ' ';
      text += c;
    }
    space = blank;
  }
  if (text.size() > kMostText) {
    std::size_t end = kMostText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
  }
  return text.empty() ? Json(nullptr) : Json(text);
}

Json CleanNumber(const Json& value) {
  if (!value.is_number()) return nullptr;
  const double number = value.get<double>();
  return std::isfinite(number) && number >= 0 ? value : Json(nullptr);
}

// One row of a list: names to plain values.
Json CleanRow(const Json& row) {
  Json clean = Json::object();
  for (const auto& [key, value] : row.items()) {
    if (value.is_boolean() || value.is_null()) {
      clean[key] = value;
    } else {
      clean[key] = value.is_string() ? CleanText(value) : CleanNumber(value);
    }
  }
  return clean;
}

Json CleanList(const Json& list, Kind kind) {
  if (!list.is_array()) return nullptr;
  Json clean = Json::array();
  for (const Json& item : list) {
    if (clean.size() == kMostItems) break;
    Json one;
    if (kind == Kind::kTexts) one = CleanText(item);
    if (kind == Kind::kNumbers) one = CleanNumber(item);
    if (kind == Kind::kRows && item.is_object()) one = CleanRow(item);
    if (!one.is_null()) clean.push_back(std::move(one));
  }
  return clean;
}

}  // namespace

Json ParseAnswer(const std::string& text) {
  constexpr int kDeepest = 8;
  return Json::parse(
      text, [](int depth, Json::parse_event_t, Json&) { return depth <= kDeepest; }, false);
}

Json CleanDevice(std::string_view api, const Json& device) {
  const std::span<const Field> fields = api == "vulkan" ? std::span<const Field>(kVulkanFields)
                                                        : std::span<const Field>(kOpenClFields);
  Json clean = Json::object();
  for (const auto& [key, kind] : fields) {
    const auto at = device.is_object() ? device.find(key) : device.end();
    const Json value = device.is_object() && at != device.end() ? *at : Json(nullptr);
    switch (kind) {
      case Kind::kText:
        clean[key] = CleanText(value);
        break;
      case Kind::kNumber:
        clean[key] = CleanNumber(value);
        break;
      case Kind::kBool:
        clean[key] = value.is_boolean() ? value : Json(nullptr);
        break;
      case Kind::kTexts:
      case Kind::kNumbers:
      case Kind::kRows:
        clean[key] = CleanList(value, kind);
        break;
    }
  }
  return clean;
}

}  // namespace inferometer
