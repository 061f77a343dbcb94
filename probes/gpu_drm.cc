// Graphics processors that the kernel has a driver for.
#include "probes/gpu_drm.h"

#include <algorithm>
#include <map>

namespace inferometer {
namespace {

const std::string kDrm = "/sys/class/drm";

// Graphics inside AMD's processors, by PCI device id (https://pci-ids.ucw.cz/read/PC/1002).
constexpr std::string_view kAmdIntegrated[] = {"15dd", "15d8", "1636", "1638", "164c", "15e7",
                                               "163f", "1506", "1681", "164d", "164e", "13c0",
                                               "15bf", "15c8", "1900", "1901", "150e", "1586"};

nlohmann::json TypeOf(const std::string& vendor, const std::string& device,
                      const std::string& slot) {
  if (vendor == "8086") return slot.starts_with("0000:00:") ? "integrated" : "discrete";
  if (vendor == "10de") return "discrete";
  if (vendor == "1002") {
    const bool inside = std::find(std::begin(kAmdIntegrated), std::end(kAmdIntegrated), device) !=
                        std::end(kAmdIntegrated);
    return inside ? "integrated" : "discrete";
  }
  if (vendor == "1af4" || vendor == "15ad") return "virtual";
  return nullptr;
}

std::string WithoutPrefix(const Reading& hex) {  // "0x1002"
  if (!hex || !hex.text->starts_with("0x")) return "";
  return hex.text->substr(2);
}

nlohmann::json TextOrNull(const std::string& text) {
  return text.empty() ? nlohmann::json(nullptr) : nlohmann::json(text);
}

void AddDrm(const Reader& reader, nlohmann::json* gpus) {
  const auto names = reader.List(kDrm);
  // A device that computes has a render node beside its card.
  std::map<std::string, std::int64_t> rendering;
  for (const std::string& name : names) {
    const auto minor =
        name.starts_with("renderD") ? ParseInteger(std::string_view(name).substr(7)) : std::nullopt;
    if (!minor) continue;
    if (const Reading event = reader.Text(kDrm + "/" + name + "/device/uevent"))
      rendering[*event.text] = *minor;
  }
  for (const std::string& name : names) {
    if (!name.starts_with("card") || !ParseInteger(std::string_view(name).substr(4)))
      continue;  // card0-eDP-1
    const std::string base = kDrm + "/" + name + "/device/";
    const Reading event = reader.Text(base + "uevent");
    const std::string text = event ? *event.text : "";
    const std::string vendor = WithoutPrefix(reader.Text(base + "vendor")),
                      device = WithoutPrefix(reader.Text(base + "device"));
    const std::string driver = Field(text, "DRIVER").value_or("");
    const std::string slot = Field(text, "PCI_SLOT_NAME").value_or("");
    const std::string compatible = Field(text, "OF_COMPATIBLE_0").value_or("");
    if (driver.empty() && vendor.empty()) continue;
    const std::string id = !vendor.empty() && !device.empty() ? vendor + ":" + device : "";
    const auto vram = reader.Integer(base + "mem_info_vram_total");  // amdgpu
    const auto node = event ? rendering.find(text) : rendering.end();
    gpus->push_back(
        {{"name", nullptr},
         {"vendor", TextOrNull(GpuVendorName(vendor))},
         {"pci_id", TextOrNull(id)},
         {"compatible", TextOrNull(compatible)},
         {"driver", TextOrNull(driver)},
         {"type", !vendor.empty()       ? TypeOf(vendor, device, slot)
                  : !compatible.empty() ? nlohmann::json("integrated")
                                        : nlohmann::json(nullptr)},
         {"renders", node != rendering.end()},
         {"memory_bytes", vram && *vram > 0 ? nlohmann::json(*vram) : nlohmann::json(nullptr)},
         {"source", kDrm},
         {"pci_address", TextOrNull(slot)},
         {"render_node",
          node != rendering.end() ? nlohmann::json(node->second) : nlohmann::json(nullptr)}});
  }
}

// The vendors' own drivers of Android devices.
void AddMobile(const Reader& reader, nlohmann::json* gpus) {
  struct Row {
    const char *file, *vendor, *driver;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"/sys/class/kgsl/kgsl-3d0/gpu_model", "Qualcomm", "kgsl"},
                                  {"/sys/class/misc/mali0/device/gpuinfo", "Arm", "mali"}}) {
    const Reading model = reader.Text(row.file);
    if (!model) continue;
    gpus->push_back({{"name", *model.text},
                     {"vendor", row.vendor},
                     {"pci_id", nullptr},
                     {"compatible", nullptr},
                     {"driver", row.driver},
                     {"type", "integrated"},
                     {"renders", true},
                     {"memory_bytes", nullptr},
                     {"source", row.file},
                     {"pci_address", nullptr},
                     {"render_node", nullptr}});
  }
}

}  // namespace

nlohmann::json ReadDrm(const Reader& reader) {
  nlohmann::json gpus = nlohmann::json::array();
  AddDrm(reader, &gpus);
  AddMobile(reader, &gpus);
  return gpus;
}

// PCI-SIG's ids, and those that Khronos gave to vendors without one (vulkan_core.h, VkVendorId).
std::string GpuVendorName(std::string_view id) {
  struct Row {
    std::string_view id, name;
  };
  constexpr Row kNames[] = {{"1002", "AMD"},      {"8086", "Intel"},       {"10de", "NVIDIA"},
                            {"1af4", "virtio"},   {"15ad", "VMware"},      {"1a03", "ASPEED"},
                            {"13b5", "Arm"},      {"5143", "Qualcomm"},    {"1010", "Imagination"},
                            {"106b", "Apple"},    {"14e4", "Broadcom"},    {"144d", "Samsung"},
                            {"1ae0", "Google"},   {"10005", "Mesa"},       {"10006", "PoCL"},
                            {"10001", "Vivante"}, {"10002", "VeriSilicon"}};
  for (const Row& row : kNames) {
    if (row.id == id) return std::string(row.name);
  }
  return "";
}

}  // namespace inferometer
