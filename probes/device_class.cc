// Laptop, phone, desktop, server, single-board or virtual: decided from what the system says.
#include "probes/environment.h"
#include "probes/facts.h"
#include "probes/list.h"

namespace inferometer {
namespace {

const std::string kChassis = "/sys/class/dmi/id/chassis_type";

// DSP0134 3.7, table 17 "System Enclosure or Chassis Types".
const char* ClassOfChassis(std::int64_t type) {
  switch (type) {
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 13:
    case 15:
    case 16:
    case 24:
    case 35:
    case 36:
      return "desktop";  // desktop, towers, all in one, space-saving, lunch box, sealed, mini,
                         // stick
    case 8:
    case 9:
    case 10:
    case 14:
    case 31:
    case 32:
      return "laptop";  // portable, laptop, notebook, sub notebook, convertible, detachable
    case 11:
    case 30:
      return "phone";  // hand held, tablet
    case 17:
    case 23:
    case 25:
    case 28:
    case 29:
      return "server";  // main server, rack mount, multi-system, blade, blade enclosure
    case 33:
    case 34:
      return "single-board";  // IoT gateway, embedded PC
    default:
      return "";
  }
}

bool HasBattery(const Reader& reader) {
  const std::string base = "/sys/class/power_supply/";
  for (const std::string& name : reader.List(base)) {
    const Reading type = reader.Text(base + name + "/type"),
                  scope = reader.Text(base + name + "/scope");
    if (type && *type.text == "Battery" && !(scope && *scope.text == "Device")) return true;
  }
  return false;
}

Found Decide(const Reader& reader) {
  const Found hypervisor = FindHypervisor(reader);
  if (!hypervisor.value.empty() && hypervisor.value != "none")
    return {"virtual", "hypervisor " + hypervisor.value + " (" + hypervisor.source + ")"};
  const Reading phone = reader.Ask("android_model", [] { return std::string(); });
  if (phone || reader.Exists("/system/build.prop") || reader.Exists("/system/bin/app_process64"))
    return {"phone", "Android"};
  const bool battery = HasBattery(reader);
  const Found chassis = FindChassis(reader);
  std::string source = chassis.source;
  if (battery) source += source.empty() ? "battery" : ", battery";
  if (!chassis.value.empty()) return {chassis.value, source};
  if (battery) return {"laptop", source};
  const Reading tree = reader.Strings("/proc/device-tree/model");
  if (tree) return {"single-board", "device tree, no battery, no DMI chassis"};
  return {"", "cpuid, " + kChassis + ", /sys/class/power_supply, /proc/device-tree"};
}

}  // namespace

Found FindChassis(const Reader& reader) {
  const auto chassis = reader.Integer(kChassis);
  if (!chassis) return {};
  return {ClassOfChassis(*chassis), "DMI chassis type " + std::to_string(*chassis)};
}

std::vector<Fact> ReadDeviceClass(const SystemRoot& root) {
  const Reader reader(root);
  const Found finding = Decide(reader);
  Facts facts;
  if (finding.value.empty()) {
    facts.Missing("", "", finding.source,
                  "nothing that was read tells what kind of device this is");
  } else {
    facts.Add("", finding.value, "", finding.source);
  }
  return facts.Take();
}

}  // namespace inferometer
