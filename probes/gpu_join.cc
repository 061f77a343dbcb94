// Finds which entries of the kernel, Vulkan and OpenCL are the same piece of hardware.
#include <algorithm>
#include <optional>
#include <vector>

#include "probes/gpu_drm.h"
#include "probes/gpu_question.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

struct Group {
  Json kernel;                                        // null: no kernel driver was seen
  std::vector<std::pair<std::string, Json>> devices;  // of "vulkan" and "opencl"
  std::vector<std::string> joined_by;
  bool software = false;
};

std::string TextAt(const Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

Json At(const Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && at != object.end() ? *at : Json(nullptr);
}

bool SameValue(const Json& a, const Json& b, const char* key) {
  const Json value = At(a, key);
  return !value.is_null() && value == At(b, key);
}

std::string IdsOf(const Json& device) {
  const std::string vendor = TextAt(device, "vendor_id"), id = TextAt(device, "device_id");
  return vendor.empty() || id.empty() ? TextAt(device, "pci_id") : vendor + ":" + id;
}

std::string VendorOf(const Json& device) {
  const std::string name = GpuVendorName(TextAt(device, "vendor_id"));
  return name.empty() && !device.contains("vendor_id") ? TextAt(device, "vendor") : name;
}

// Whether one entry of the group passes.
template <typename Test>
bool AnyOf(const Group& group, const Test& test) {
  return (!group.kernel.is_null() && test(group.kernel)) ||
         std::any_of(group.devices.begin(), group.devices.end(),
                     [&](const auto& one) { return test(one.second); });
}

// The group that passes when it is the only one.
template <typename Test>
Group* OnlyOne(std::vector<Group>& groups, const Test& test) {
  Group* only = nullptr;
  for (Group& group : groups) {
    if (group.software || !AnyOf(group, test)) continue;
    if (only != nullptr) return nullptr;
    only = &group;
  }
  return only;
}

// One driver tells a device once.
bool Holds(const Group& group, const std::string& api, const Json& device) {
  const char* driver = api == "vulkan" ? "driver_name" : "platform";
  return std::any_of(group.devices.begin(), group.devices.end(), [&](const auto& one) {
    return one.first == api && At(one.second, driver) == At(device, driver);
  });
}

void Place(const std::string& api, const Json& device, std::vector<Group>& groups) {
  Group alone;
  alone.software = At(device, "software") == true;
  if (!alone.software) {  // these run on the processor: there is no hardware to join
    const std::string ids = IdsOf(device), vendor = VendorOf(device);
    struct Rule {
      const char* name;
      Group* group;
    };
    const auto same = [&](const char* key) {
      return OnlyOne(groups, [&](const Json& other) { return SameValue(device, other, key); });
    };
    const Rule rules[] = {
        {"render node", same("render_node")},
        {"PCI address", same("pci_address")},
        {"device UUID", same("same_as")},
        {"vendor and device id",
         OnlyOne(groups, [&](const Json& other) { return !ids.empty() && IdsOf(other) == ids; })},
        {"vendor, of which there is one device", OnlyOne(groups, [&](const Json& other) {
           const bool told = !ids.empty() && !IdsOf(other).empty();  // and they differ
           return !told && !vendor.empty() && VendorOf(other) == vendor;
         })}};
    for (const auto& [name, group] : rules) {
      if (group == nullptr || Holds(*group, api, device)) continue;
      group->devices.emplace_back(api, device);
      group->joined_by.push_back(api + ": " + name);
      return;
    }
  }
  alone.devices.emplace_back(api, device);
  groups.push_back(std::move(alone));
}

// Memory of its own: a device-local heap of a card, or what OpenCL calls global.
Json OwnMemory(const Group& group) {
  std::uint64_t most = 0;
  for (const auto& [api, device] : group.devices) {
    if (TextAt(device, "type") != "discrete") continue;
    const Json global = At(device, "global_memory_bytes"), heaps = At(device, "heaps");
    if (global.is_number_unsigned() && most == 0) most = global.get<std::uint64_t>();
    for (const Json& heap : heaps.is_array() ? heaps : Json::array()) {
      const Json size = At(heap, "size_bytes");
      if (At(heap, "device_local") == true && size.is_number_unsigned())
        most = std::max(most, size.get<std::uint64_t>());
    }
  }
  return most > 0 ? Json(most) : Json(nullptr);
}

Json Describe(const Group& group) {
  Json gpu = {{"name", nullptr},         {"vendor", nullptr},       {"pci_id", nullptr},
              {"compatible", nullptr},   {"driver", nullptr},       {"type", nullptr},
              {"renders", true},         {"memory_bytes", nullptr}, {"source", ""},
              {"vulkan", Json::array()}, {"opencl", Json::array()}};
  if (group.kernel.is_object()) gpu.update(group.kernel);
  gpu["software"] = group.software;
  gpu["joined_by"] = group.joined_by;
  std::string sources = TextAt(gpu, "source");
  for (const auto& [api, whole] : group.devices) {
    Json device = whole;
    device.erase("same_as");
    const std::string board = TextAt(device, "board_name"), name = TextAt(device, "name");
    if (gpu["name"].is_null() && !(board + name).empty())
      gpu["name"] = board.empty() ? name : board;
    // PoCL gives Intel's id to any processor: what runs on one is named by its words.
    const std::string vendor = group.software ? "" : VendorOf(device);
    if (gpu["vendor"].is_null() && !vendor.empty()) gpu["vendor"] = vendor;
    if (gpu["vendor"].is_null()) gpu["vendor"] = At(device, "vendor");
    if (gpu["pci_id"].is_null() && !group.software && TextAt(device, "vendor_id").size() == 4 &&
        device.contains("device_id") && !IdsOf(device).empty()) {
      gpu["pci_id"] = IdsOf(device);
    }
    const std::string type = TextAt(device, "type");
    if (type == "integrated" || type == "discrete" || type == "virtual") {
      if (gpu["type"].is_null() || api == "vulkan") gpu["type"] = type;
    }
    const std::string source = api == "vulkan" ? "Vulkan" : "OpenCL";
    if (sources.find(source) == std::string::npos)
      sources += (sources.empty() ? "" : ", ") + source;
    gpu[api].push_back(std::move(device));
  }
  gpu["source"] = sources;
  if (group.software) gpu["type"] = "software";
  if (gpu["memory_bytes"].is_null()) gpu["memory_bytes"] = OwnMemory(group);
  gpu.erase("render_node");
  gpu.erase("pci_address");
  return gpu;
}

}  // namespace

Json JoinGpus(Json drm, const Json& apis) {
  std::vector<Group> groups;
  for (Json& kernel : drm) groups.push_back({std::move(kernel), {}, {}, false});
  for (const char* api : {"vulkan", "opencl"}) {
    const Json devices = At(At(apis, api), "devices");
    for (const Json& device : devices.is_array() ? devices : Json::array())
      Place(api, device, groups);
  }
  std::stable_partition(groups.begin(), groups.end(),
                        [](const Group& group) { return !group.software; });
  Json gpus = Json::array();
  for (const Group& group : groups) gpus.push_back(Describe(group));
  return gpus;
}

}  // namespace inferometer
