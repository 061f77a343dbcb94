// The graphics processors of a device, as rows of the page for people.
#include "harness/report/probe_gpus.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "harness/base/text.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

Json At(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() ? Json(nullptr) : *at;
}

Json First(const Json& list) {
  return list.is_array() && !list.empty() ? list.front() : Json(nullptr);
}

std::string Text(const Json& value, const std::string& otherwise = "") {
  return value.is_string() ? value.get<std::string>() : otherwise;
}

double Number(const Json& value) { return value.is_number() ? value.get<double>() : 0; }

std::string Bytes(const Json& value) { return HumanBytes(Number(value)); }

// Parts that are there, with commas between.
class Parts {
 public:
  void Add(const std::string& part) {
    if (part.empty()) return;
    text_ += (text_.empty() ? "" : ", ") + part;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string NameOf(const Json& gpu) {
  const std::string name = Text(At(gpu, "name"));
  if (!name.empty()) return name;
  const std::string id = Text(At(gpu, "pci_id"));
  return Text(At(gpu, "vendor"), Text(At(gpu, "compatible"), "unnamed")) +
         (id.empty() ? "" : " " + id);
}

std::string MemoryOf(const Json& gpu, const Json& vulkan, const Json& opencl) {
  Parts parts;
  if (Number(At(gpu, "memory_bytes")) > 0)
    parts.Add(Bytes(At(gpu, "memory_bytes")) +
              (Text(At(gpu, "type")) == "integrated" ? " set aside for it" : " of its own"));
  const Json heaps = At(vulkan, "heaps");
  for (const Json& heap : heaps.is_array() ? heaps : Json::array()) {
    const bool local = At(heap, "device_local") == true;
    const std::string size = Bytes(At(heap, "size_bytes"));
    const bool own = local && Number(At(gpu, "memory_bytes")) > 0;
    if (!own) parts.Add(size + (local ? " shared with the processor" : " of the host's"));
    if (local && Number(At(heap, "budget_bytes")) > 0)
      parts.Add(Bytes(At(heap, "budget_bytes")) + " free for us");
  }
  if (parts.text().empty() && Number(At(opencl, "global_memory_bytes")) > 0)
    parts.Add(Bytes(At(opencl, "global_memory_bytes")));
  return parts.text();
}

std::string MathsOf(const Json& vulkan, const Json& opencl) {
  const Json& device = vulkan.is_object() ? vulkan : opencl;
  Parts parts;
  for (const char* key : {"fp16", "int8"}) {
    if (At(device, key) == true) parts.Add(key);
  }
  if (At(device, "fp16") == false) parts.Add("no fp16");
  if (At(device, "dot_int8_packed_accelerated") == true) {
    parts.Add("int8 dot products");
  } else if (At(device, "dot_product") == true) {
    parts.Add("int8 dot products emulated");
  }
  std::set<std::string> types;
  const Json shapes = At(device, "cooperative_matrix");
  for (const Json& shape : shapes.is_array() ? shapes : Json::array())
    types.insert(Text(At(shape, "a"), "?"));
  std::string matrices;
  for (const std::string& type : types) matrices += " " + type;
  if (!matrices.empty()) parts.Add("matrix units" + matrices);
  return parts.text();
}

std::string GroupsOf(const Json& vulkan, const Json& opencl) {
  const Json& device = vulkan.is_object() ? vulkan : opencl;
  Parts parts;
  const double low = Number(At(device, "subgroup_size_min")),
               high = Number(At(device, "subgroup_size_max")),
               size = Number(At(device, "subgroup_size"));
  if (low > 0 && high > low) {
    parts.Add(fmt::format("subgroups of {:g} to {:g}", low, high));
  } else if (size > 0) {
    parts.Add(fmt::format("subgroups of {:g}", size));
  }
  if (Number(At(device, "max_workgroup_invocations")) > 0)
    parts.Add(fmt::format("work groups to {:g}", Number(At(device, "max_workgroup_invocations"))));
  const Json shared =
      vulkan.is_object() ? At(device, "shared_memory_bytes") : At(device, "local_memory_bytes");
  if (Number(shared) > 0) parts.Add(Bytes(shared) + " shared memory");
  const double units = Number(At(opencl, "compute_units"));
  if (units > 0) parts.Add(fmt::format("{:g} compute unit{}", units, units == 1 ? "" : "s"));
  return parts.text();
}

std::string LimitsOf(const Json& vulkan, const Json& opencl) {
  const Json& device = vulkan.is_object() ? vulkan : opencl;
  Parts parts;
  if (Number(At(device, "max_allocation_bytes")) > 0)
    parts.Add(Bytes(At(device, "max_allocation_bytes")) + " at once");
  if (Number(At(device, "max_storage_buffer_range_bytes")) > 0)
    parts.Add(Bytes(At(device, "max_storage_buffer_range_bytes")) + " a buffer binding");
  return parts.text();
}

std::string VulkanOf(const Json& vulkan) {
  Parts parts;
  parts.Add(Text(At(vulkan, "api_version")));
  parts.Add(Text(At(vulkan, "driver_name")));
  parts.Add(Text(At(vulkan, "driver_info"), Text(At(vulkan, "driver_version"))));
  return parts.text();
}

std::string OpenClOf(const Json& opencl) {
  Parts parts;
  if (At(opencl, "c_version").is_string()) parts.Add("C " + Text(At(opencl, "c_version")));
  parts.Add(Text(At(opencl, "platform")));
  parts.Add(Text(At(opencl, "driver_version")));
  return parts.text();
}

void AddGpu(const Json& gpu, std::vector<PageRow>& rows) {
  const Json vulkan = First(At(gpu, "vulkan")), opencl = First(At(gpu, "opencl"));
  const std::string name = NameOf(gpu);
  if (At(gpu, "software") == true) {
    const std::string api = vulkan.is_object() ? ", Vulkan" : opencl.is_object() ? ", OpenCL" : "";
    rows.push_back({"software", name + api + "; SOFTWARE: it runs on the processor", true});
    return;
  }
  const bool display = At(gpu, "renders") == false && vulkan.is_null() && opencl.is_null();
  const std::string driver = Text(At(gpu, "driver"));
  rows.push_back(
      {Text(At(gpu, "type"), "other"), name + (driver.empty() ? "" : ", driver " + driver) +
                                           (display ? "; display only, it cannot compute" : "")});
  const std::string memory = MemoryOf(gpu, vulkan, opencl);
  if (!memory.empty()) rows.push_back({"memory", memory});
  if (vulkan.is_null() && opencl.is_null()) {
    if (!display) rows.push_back({"", "neither Vulkan nor OpenCL offers it", true});
    return;
  }
  rows.push_back({"maths", MathsOf(vulkan, opencl)});
  rows.push_back({"groups", GroupsOf(vulkan, opencl)});
  rows.push_back({"limits", LimitsOf(vulkan, opencl)});
  if (vulkan.is_object()) rows.push_back({"Vulkan", VulkanOf(vulkan)});
  if (opencl.is_object()) rows.push_back({"OpenCL", OpenClOf(opencl)});
}

void AddTroubles(const Json& device, std::vector<PageRow>& rows) {
  const auto add = [&rows](const char* label, const Json& row, const std::string& who) {
    const std::string status = Text(At(row, "status")), reason = Text(At(row, "reason"));
    const bool bad = status == "hung" || status == "crashed";
    rows.push_back({label, status + (reason.empty() ? "" : ": " + who + reason), bad});
  };
  for (const auto& [key, label] : {std::pair("vulkan", "Vulkan"), std::pair("opencl", "OpenCL")}) {
    const Json api = At(At(device, "gpu_apis"), key);
    if (!api.is_object()) continue;
    if (Text(At(api, "status")) != "ok") {
      add(label, api, "");
      continue;
    }
    const Json drivers = At(api, "drivers");
    for (const Json& driver : drivers.is_array() ? drivers : Json::array()) {
      const std::string status = Text(At(driver, "status"));
      if (status == "hung" || status == "crashed")
        add(label, driver, Text(At(driver, "name"), "a driver") + " ");
    }
  }
}

}  // namespace

std::vector<PageRow> GpuRows(const Json& device) {
  std::vector<PageRow> rows;
  const Json gpus = At(device, "gpus");
  if (!gpus.is_array() || gpus.empty())
    rows.push_back({"none", "the kernel has no driver for one"});
  const auto gap = [&rows] {
    if (!rows.empty() && !rows.back().value.empty()) rows.push_back({});
  };
  for (const bool software : {false, true}) {
    gap();
    for (const Json& gpu : gpus.is_array() ? gpus : Json::array()) {
      if ((At(gpu, "software") == true) != software) continue;
      if (!software) gap();
      AddGpu(gpu, rows);
    }
  }
  gap();
  const std::size_t before = rows.size();
  AddTroubles(device, rows);
  if (rows.size() == before && !rows.empty() && rows.back().value.empty()) rows.pop_back();
  return rows;
}

}  // namespace inferometer
