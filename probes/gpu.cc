// Graphics processors that the kernel has a driver for.
#include <algorithm>
#include <cctype>

#include "probes/facts.h"
#include "probes/list.h"

namespace inferometer {
namespace {

const std::string kDrm = "/sys/class/drm";

std::string VendorName(std::string_view id) {
  // PCI-SIG vendor ids.
  if (id == "1002") return "AMD";
  if (id == "8086") return "Intel";
  if (id == "10de") return "NVIDIA";
  if (id == "1af4") return "virtio";
  if (id == "15ad") return "VMware";
  if (id == "1a03") return "ASPEED";
  return "";
}

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
  std::vector<std::string> rendering;
  for (const std::string& name : names) {
    if (!name.starts_with("renderD")) continue;
    if (const Reading event = reader.Text(kDrm + "/" + name + "/device/uevent"))
      rendering.push_back(*event.text);
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
    const bool renders =
        event && std::find(rendering.begin(), rendering.end(), text) != rendering.end();
    gpus->push_back(
        {{"name", nullptr},
         {"vendor", TextOrNull(VendorName(vendor))},
         {"pci_id", TextOrNull(id)},
         {"compatible", TextOrNull(compatible)},
         {"driver", TextOrNull(driver)},
         {"type", !vendor.empty()       ? TypeOf(vendor, device, slot)
                  : !compatible.empty() ? nlohmann::json("integrated")
                                        : nlohmann::json(nullptr)},
         {"software", false},
         {"renders", renders},
         {"memory_bytes", vram && *vram > 0 ? nlohmann::json(*vram) : nlohmann::json(nullptr)},
         {"source", kDrm}});
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
                     {"software", false},
                     {"renders", true},
                     {"memory_bytes", nullptr},
                     {"source", row.file}});
  }
}

}  // namespace

std::vector<Fact> ReadGpus(const SystemRoot& root) {
  const Reader reader(root);
  Facts facts;
  nlohmann::json gpus = nlohmann::json::array();
  AddDrm(reader, &gpus);
  AddMobile(reader, &gpus);
  facts.Add("", std::move(gpus), "", kDrm + ", /sys/class/kgsl, /sys/class/misc/mali0");
  return facts.Take();
}

}  // namespace inferometer
