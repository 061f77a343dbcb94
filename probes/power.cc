// Power: mains or battery, what can give joules, profile and limits.
#include <algorithm>
#include <cmath>

#include "probes/environment.h"
#include "probes/facts.h"
#include "probes/list.h"
#include "probes/power_sources.h"

namespace inferometer {
namespace {

const std::string kSupplies = "/sys/class/power_supply";
const std::string kPowercap = "/sys/class/powercap";
const std::string kHwmon = "/sys/class/hwmon";

nlohmann::json Scaled(const std::optional<std::int64_t>& micro, double per_unit) {
  return micro && *micro >= 0 ? nlohmann::json(static_cast<double>(*micro) / per_unit)
                              : nlohmann::json(nullptr);
}

nlohmann::json TextOrNull(const Reading& reading) {
  return reading ? nlohmann::json(*reading.text) : nlohmann::json(nullptr);
}

// Units: µV, µA, µW, µAh, µWh (Documentation/power/power_supply_class.rst). Drivers disagree about
// the sign of the current while discharging, so only its size is used.
nlohmann::json ReadBattery(const Reader& reader, const std::string& base) {
  const auto voltage = reader.Integer(base + "voltage_now");
  auto power = reader.Integer(base + "power_now");
  const auto current = reader.Integer(base + "current_now");
  std::optional<double> watts;
  if (power) watts = std::abs(static_cast<double>(*power)) / 1e6;
  if (!watts && voltage && current)
    watts = std::abs(static_cast<double>(*voltage) * static_cast<double>(*current)) / 1e12;
  const auto energy = [&](const std::string& what) -> nlohmann::json {
    if (const auto uwh = reader.Integer(base + "energy_" + what)) return Scaled(uwh, 1e6 / 3600);
    const auto uah = reader.Integer(base + "charge_" + what);
    auto volts = reader.Integer(base + "voltage_min_design");
    if (!volts) volts = voltage;
    if (!uah || !volts || *uah < 0 || *volts < 0) return nullptr;
    return static_cast<double>(*uah) * static_cast<double>(*volts) * 3600 / 1e12;
  };
  const auto percent = reader.Integer(base + "capacity");
  const auto cycles = reader.Integer(base + "cycle_count");
  return {{"percent", percent && *percent >= 0 && *percent <= 100 ? nlohmann::json(*percent)
                                                                  : nlohmann::json(nullptr)},
          {"status", TextOrNull(reader.Text(base + "status"))},
          {"power_w", watts ? nlohmann::json(*watts) : nlohmann::json(nullptr)},
          {"full_j", energy("full")},
          {"full_design_j", energy("full_design")},
          {"cycles", cycles && *cycles > 0 ? nlohmann::json(*cycles) : nlohmann::json(nullptr)}};
}

void AddSupplies(const Reader& reader, Facts* facts) {
  nlohmann::json batteries = nlohmann::json::array();
  std::optional<bool> plugged;
  bool discharging = false, told = false;
  for (const std::string& name : reader.List(kSupplies)) {
    const std::string base = kSupplies + "/" + name + "/";
    const Reading type = reader.Text(base + "type"), scope = reader.Text(base + "scope");
    if (!type || (scope && *scope.text == "Device")) continue;  // the battery of a mouse
    if (*type.text == "Battery") {
      nlohmann::json battery = ReadBattery(reader, base);
      discharging |= battery["status"] == "Discharging";
      told |= battery["status"].is_string();
      batteries.push_back(std::move(battery));
    } else if (const auto online = reader.Integer(base + "online")) {
      plugged = plugged.value_or(false) || *online != 0;
    }
  }
  if (plugged || told) {
    const bool on_battery = !batteries.empty() && (discharging || !plugged.value_or(true));
    facts->Add("source", on_battery ? "battery" : "mains", "", kSupplies);
  } else if (const Found chassis = FindChassis(reader);
             batteries.empty() && FindHypervisor(reader).value == "none" &&
             (chassis.value == "desktop" || chassis.value == "server")) {
    facts->Add("source", "mains", "", "no battery, " + chassis.source);
  } else {
    facts->Missing("source", "", kSupplies,
                   "neither a mains adapter nor the state of a battery is described");
  }
  if (batteries.empty()) {
    facts->Missing("batteries", "", kSupplies, "no battery is described");
  } else {
    facts->Add("batteries", std::move(batteries), "", kSupplies);
  }
}

// Documentation/power/powercap/powercap.rst
void AddRapl(const Reader& reader, Facts* facts) {
  nlohmann::json domains = nlohmann::json::array();
  for (const std::string& zone : reader.List(kPowercap)) {
    if (zone.find("rapl") == std::string::npos || zone.find(':') == std::string::npos) continue;
    const std::string base = kPowercap + "/" + zone + "/";
    const Reading name = reader.Text(base + "name");
    if (!name) continue;
    const Reading counter = reader.Text(base + "energy_uj");
    const bool readable = counter && ParseInteger(*counter.text).has_value();
    nlohmann::json limits = nlohmann::json::array();
    for (int i = 0; i < 4; ++i) {
      const std::string constraint = base + "constraint_" + std::to_string(i) + "_";
      const Reading label = reader.Text(constraint + "name");
      if (!label) break;
      limits.push_back({{"name", *label.text},
                        {"power_w", Scaled(reader.Integer(constraint + "power_limit_uw"), 1e6)}});
    }
    domains.push_back(
        {{"name", *name.text},
         {"readable", readable},
         {"reason", readable
                        ? nlohmann::json(nullptr)
                        : nlohmann::json(counter ? "not a number" : WhyRaplClosed(counter.reason))},
         {"wraps_at_j", Scaled(reader.Integer(base + "max_energy_range_uj"), 1e6)},
         {"limits", std::move(limits)}});
  }
  if (domains.empty()) {
    facts->Missing("rapl", "", kPowercap, "the kernel offers no RAPL domain");
  } else {
    facts->Add("rapl", std::move(domains), "", kPowercap);
  }
}

// Units: µJ, µW (Documentation/hwmon/sysfs-interface.rst)
void AddHwmon(const Reader& reader, Facts* facts) {
  nlohmann::json meters = nlohmann::json::array();
  for (const std::string& chip : reader.List(kHwmon)) {
    const std::string base = kHwmon + "/" + chip + "/";
    const Reading name = reader.Text(base + "name");
    for (const std::string& file : reader.List(kHwmon + "/" + chip)) {
      const bool counter = file.starts_with("energy") && file.ends_with("_input");
      const bool meter =
          file.starts_with("power") && (file.ends_with("_input") || file.ends_with("_average"));
      if (!counter && !meter) continue;
      const auto value = reader.Integer(base + file);
      const std::string channel = file.substr(0, file.find('_'));
      const bool battery = name && name.text->starts_with("BAT");  // told above already
      if (!value || battery) continue;
      meters.push_back({{"chip", TextOrNull(name)},
                        {"label", TextOrNull(reader.Text(base + channel + "_label"))},
                        {"kind", counter ? "energy" : "power"},
                        {"limit_w", Scaled(reader.Integer(base + channel + "_cap"), 1e6)}});
    }
  }
  if (meters.empty()) {
    facts->Missing("hwmon", "", kHwmon, "no sensor counts energy or power");
  } else {
    facts->Add("hwmon", std::move(meters), "", kHwmon);
  }
}

}  // namespace

std::vector<Fact> ReadPower(const SystemRoot& root) {
  const Reader reader(root);
  Facts facts;
  AddSupplies(reader, &facts);
  AddRapl(reader, &facts);
  AddHwmon(reader, &facts);
  const PowerSources sources = FindPowerSources(reader);
  std::vector<std::string> names;
  for (const PowerSource& source : sources.usable) {
    if (std::find(names.begin(), names.end(), source.name) == names.end()) {
      names.push_back(source.name);
    }
  }
  const std::string where = kPowercap + ", " + kHwmon + ", " + kSupplies;
  if (names.empty()) {
    facts.Missing("joules_from", "", where, WhyNoJoules(sources));
  } else {
    facts.Add("joules_from", names, "", where);
  }
  const std::string profile = "/sys/firmware/acpi/platform_profile";
  facts.Text("profile", reader.Text(profile), profile);
  return facts.Take();
}

}  // namespace inferometer
