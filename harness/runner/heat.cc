// Reads thermal zones, processor sensors, throttle counters and clocks.
#include "harness/runner/heat.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace inferometer {
namespace {

const std::string kZones = "/sys/class/thermal";
const std::string kHwmon = "/sys/class/hwmon";
const std::string kCpus = "/sys/devices/system/cpu";

// Drivers of sensors inside a processor (Documentation/hwmon).
constexpr std::array<std::string_view, 4> kProcessorChips = {"coretemp", "k10temp", "zenpower",
                                                             "cpu_thermal"};

// Degrees from millidegrees; empty for what no working sensor says.
std::optional<double> Celsius(const std::optional<std::int64_t>& millidegrees) {
  if (!millidegrees || *millidegrees < -100000 || *millidegrees > 250000) return std::nullopt;
  return static_cast<double>(*millidegrees) / 1000;
}

// The lowest point of a zone at which the system slows the processor down or stops.
std::optional<double> LimitOf(const Reader& reader, const std::string& zone) {
  constexpr int kMostTrips = 16;
  std::optional<double> limit;
  for (int i = 0; i < kMostTrips; ++i) {
    const std::string trip = zone + "trip_point_" + std::to_string(i) + "_";
    const Reading type = reader.Text(trip + "type");
    if (!type) break;
    const auto at = Celsius(reader.Integer(trip + "temp"));
    // Firmware marks unused points with zero or a negative number; active ones start a fan.
    if (!at || *at <= 0 || *type.text == "active") continue;
    limit = std::min(limit.value_or(*at), *at);
  }
  return limit;
}

// "cpu12"
bool IsCpu(const std::string& name) {
  return name.size() > 3 && name.starts_with("cpu") &&
         std::all_of(name.begin() + 3, name.end(),
                     [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
}

}  // namespace

HeatWatch::HeatWatch(const SystemRoot& root) : root_(root) {
  root_.on_read = nullptr;
  const Reader reader(root_);
  for (const std::string& name : reader.List(kZones)) {
    if (!name.starts_with("thermal_zone")) continue;
    const std::string base = kZones + "/" + name + "/";
    const auto limit = LimitOf(reader, base);
    if (limit && Celsius(reader.Integer(base + "temp"))) sensors_.push_back({base + "temp", limit});
  }
  for (const std::string& chip : reader.List(kHwmon)) {
    const std::string base = kHwmon + "/" + chip + "/";
    const Reading name = reader.Text(base + "name");
    if (!name || std::find(kProcessorChips.begin(), kProcessorChips.end(), *name.text) ==
                     kProcessorChips.end()) {
      continue;
    }
    for (const std::string& file : reader.List(kHwmon + "/" + chip)) {
      if (!file.starts_with("temp") || !file.ends_with("_input")) continue;
      if (!Celsius(reader.Integer(base + file))) continue;
      const auto critical =
          Celsius(reader.Integer(base + file.substr(0, file.find('_')) + "_crit"));
      sensors_.push_back({base + file, critical && *critical > 0 ? critical : std::nullopt});
    }
  }
  for (const std::string& cpu : reader.List(kCpus)) {
    if (!IsCpu(cpu)) continue;
    const std::string base = kCpus + "/" + cpu + "/";
    for (const char* which : {"core", "package"}) {
      const std::string file = base + "thermal_throttle/" + which + "_throttle_count";
      if (reader.Integer(file)) counters_.push_back(file);
    }
    if (reader.Integer(base + "cpufreq/scaling_cur_freq")) {
      clocks_.push_back(base + "cpufreq/scaling_cur_freq");
    }
  }
}

Heat HeatWatch::Look() const {
  const Reader reader(root_);
  Heat heat;
  for (const Sensor& sensor : sensors_) {
    const auto now = Celsius(reader.Integer(sensor.file));
    if (!now) continue;
    heat.hottest_c = std::max(heat.hottest_c.value_or(*now), *now);
    if (!sensor.limit_c) continue;
    heat.margin_c =
        std::min(heat.margin_c.value_or(*sensor.limit_c - *now), *sensor.limit_c - *now);
  }
  for (const std::string& file : counters_) {
    const auto count = reader.Integer(file);
    if (count && *count >= 0) heat.throttles = heat.throttles.value_or(0) + *count;
  }
  for (const std::string& file : clocks_) {
    const auto khz = reader.Integer(file);
    if (!khz || *khz <= 0) continue;
    heat.clock_hz = std::max(heat.clock_hz.value_or(0), static_cast<double>(*khz) * 1000);
  }
  return heat;
}

}  // namespace inferometer
