// Temperatures, the points at which the system acts on them, and how often it had to.
#include <algorithm>

#include "probes/facts.h"
#include "probes/list.h"

namespace inferometer {
namespace {

// Millidegrees Celsius in, degrees out; null for what no working sensor says.
nlohmann::json Celsius(const std::optional<std::int64_t>& millidegrees) {
  if (!millidegrees || *millidegrees < -100000 || *millidegrees > 250000) return nullptr;
  return static_cast<double>(*millidegrees) / 1000;
}

nlohmann::json TextOrNull(const Reading& reading) {
  return reading ? nlohmann::json(*reading.text) : nlohmann::json(nullptr);
}

// Documentation/driver-api/thermal/sysfs-api.rst
void AddZones(const Reader& reader, Facts* facts) {
  const std::string folder = "/sys/class/thermal";
  nlohmann::json zones = nlohmann::json::array();
  for (const std::string& name : reader.List(folder)) {
    if (!name.starts_with("thermal_zone")) continue;
    const std::string base = folder + "/" + name + "/";
    nlohmann::json trips = nlohmann::json::array();
    for (int i = 0; i < 16; ++i) {
      const std::string trip = base + "trip_point_" + std::to_string(i) + "_";
      const Reading type = reader.Text(trip + "type");
      if (!type) break;
      const auto at = reader.Integer(trip + "temp");
      // Firmware marks unused points with zero or a negative number.
      if (at && *at > 0) trips.push_back({{"type", *type.text}, {"at_c", Celsius(at)}});
    }
    const Reading type = reader.Text(base + "type");
    const auto now = reader.Integer(base + "temp");
    if (!type && !now) continue;
    zones.push_back(
        {{"type", TextOrNull(type)}, {"now_c", Celsius(now)}, {"trips", std::move(trips)}});
  }
  if (zones.empty()) {
    facts->Missing("zones", "", folder, "the kernel has no thermal zone");
  } else {
    facts->Add("zones", std::move(zones), "", folder);
  }
}

// Documentation/hwmon/sysfs-interface.rst
void AddSensors(const Reader& reader, Facts* facts) {
  const std::string folder = "/sys/class/hwmon";
  nlohmann::json sensors = nlohmann::json::array();
  for (const std::string& chip : reader.List(folder)) {
    const std::string base = folder + "/" + chip + "/";
    const Reading name = reader.Text(base + "name");
    for (const std::string& file : reader.List(folder + "/" + chip)) {
      if (!file.starts_with("temp") || !file.ends_with("_input")) continue;
      const nlohmann::json now = Celsius(reader.Integer(base + file));
      if (now.is_null()) continue;
      const std::string channel = base + file.substr(0, file.find('_'));
      sensors.push_back({{"chip", TextOrNull(name)},
                         {"label", TextOrNull(reader.Text(channel + "_label"))},
                         {"now_c", now},
                         {"critical_c", Celsius(reader.Integer(channel + "_crit"))}});
    }
  }
  if (sensors.empty()) {
    facts->Missing("sensors", "", folder, "no sensor tells a temperature");
  } else {
    facts->Add("sensors", std::move(sensors), "", folder);
  }
}

// Events since the start, of the processor that had the most
// (arch/x86/kernel/cpu/mce/therm_throt.c).
void AddThrottling(const Reader& reader, Facts* facts) {
  const std::string folder = "/sys/devices/system/cpu";
  for (const char* which : {"core", "package"}) {
    const std::string file = std::string("thermal_throttle/") + which + "_throttle_count";
    std::optional<std::int64_t> most;
    for (const std::string& name : reader.List(folder)) {
      if (!name.starts_with("cpu") || !ParseInteger(std::string_view(name).substr(3))) continue;
      const auto count = reader.Integer(folder + "/" + name + "/" + file);
      if (count && *count >= 0) most = std::max(most.value_or(0), *count);
    }
    const std::string key = std::string("throttled.") + which, source = folder + "/cpu*/" + file;
    if (most) {
      facts->Add(key, *most, "events", source);
    } else {
      facts->Missing(key, "events", source, "the kernel counts no throttling here");
    }
  }
}

}  // namespace

std::vector<Fact> ReadThermal(const SystemRoot& root) {
  const Reader reader(root);
  Facts facts;
  AddZones(reader, &facts);
  AddSensors(reader, &facts);
  AddThrottling(reader, &facts);
  return facts.Take();
}

}  // namespace inferometer
