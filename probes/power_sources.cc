// Finds what counts joules: RAPL packages, known hwmon sensors, batteries that discharge.
#include "probes/power_sources.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace inferometer {
namespace {

const std::string kSupplies = "/sys/class/power_supply";
const std::string kPowercap = "/sys/class/powercap";
const std::string kHwmon = "/sys/class/hwmon";

constexpr double kMicro = 1e-6;
constexpr double kMicroWattHours = 3600e-6;  // in J

// The counters of RAPL are renewed about every millisecond (Intel SDM, volume 3B, "RAPL
// interfaces").
constexpr double kRaplUpdate_s = 0.001;
// Linux asks the firmware for a battery's state at most once a second (drivers/acpi/battery.c,
// cache_time); fuel gauges of phones are no faster.
constexpr double kBatteryUpdate_s = 1;

std::string Plural(std::size_t n, const std::string& thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}

// Zones of one package may be offered twice, through the processor's registers and through memory
// (intel-rapl-mmio): the register zone counts. Sub-domains (core, uncore, dram) lie within the
// package or apart from it and are left out, as is psys, which holds the packages.
void AddRapl(const Reader& reader, PowerSources* sources) {
  struct Zone {
    std::string base;
    bool registers = false;
  };
  std::map<std::string, Zone> packages;  // by name
  for (const std::string& zone : reader.List(kPowercap)) {
    if (zone.find("rapl") == std::string::npos || zone.find(':') == std::string::npos) continue;
    const std::string base = kPowercap + "/" + zone + "/";
    const Reading name = reader.Text(base + "name");
    if (!name || !name.text->starts_with("package")) continue;
    const bool registers = zone.find("mmio") == std::string::npos;
    const auto [found, first] = packages.try_emplace(*name.text, Zone{base, registers});
    if (!first && registers && !found->second.registers) found->second = {base, registers};
  }
  if (packages.empty()) return;
  PowerSource source{
      .name = "rapl-package",
      .scope = PowerScope::kProcessor,
      .scope_text = Plural(packages.size(), "processor package") + ", without the memory modules",
      .update_s = kRaplUpdate_s,
      .channels = {}};
  std::string closed;
  for (const auto& [name, zone] : packages) {
    const Reading counter = reader.Text(zone.base + "energy_uj");
    const bool number = counter && ParseInteger(*counter.text).value_or(-1) >= 0;
    if (!number) closed = counter ? "not a number" : counter.reason;
    const auto range = reader.Integer(zone.base + "max_energy_range_uj");
    PowerChannel channel;
    channel.file = zone.base + "energy_uj";
    channel.scale = kMicro;
    if (range && *range > 0) channel.wraps_at_j = static_cast<double>(*range) * kMicro;
    source.channels.push_back(std::move(channel));
  }
  // The sum of some of the packages would pass for all of them.
  if (closed.empty()) {
    sources->usable.push_back(std::move(source));
  } else {
    sources->obstacles.push_back("RAPL: " + WhyRaplClosed(closed));
  }
}

struct Chip {
  std::string_view name;
  PowerScope scope;
  std::string_view text;
  // Labels of the channels that hold the whole, the best first; the first label found counts, and
  // all channels that begin with it are summed. Empty: the chip has one channel.
  std::string_view labels[2];
  double update_s;
};

// From the kernel's Documentation/hwmon (amd_energy, acpi_power_meter), Documentation/gpu/amdgpu
// (thermal.rst) and Documentation/ABI/testing/sysfs-driver-intel-{i915,xe}-hwmon. A sensor's
// interval that no document states is taken as a second.
constexpr Chip kChips[] = {
    {"amd_energy", PowerScope::kProcessor, "processor packages", {"Esocket", ""}, 0.001},
    {"i915", PowerScope::kGpu, "graphics card", {"", ""}, 0.001},
    {"xe", PowerScope::kGpu, "graphics card", {"card", "pkg"}, 0.001},
    {"amdgpu", PowerScope::kGpu, "graphics processor; on an APU the processor too", {"PPT", ""}, 1},
    {"power_meter", PowerScope::kMachine, "whole machine", {"", ""}, 1},
};

// The channels of a chip: energy counters, or else power sensors, by number ("energy1").
std::map<std::string, PowerChannel> ChannelsOf(const Reader& reader, const std::string& chip) {
  std::map<std::string, PowerChannel> counters, meters;
  const std::string base = kHwmon + "/" + chip + "/";
  for (const std::string& file : reader.List(kHwmon + "/" + chip)) {
    const bool counter = file.starts_with("energy") && file.ends_with("_input");
    const bool meter =
        file.starts_with("power") && (file.ends_with("_input") || file.ends_with("_average"));
    if (!counter && !meter) continue;
    if (reader.Integer(base + file).value_or(-1) < 0) continue;
    const std::string number = file.substr(0, file.find('_'));
    PowerChannel channel;
    channel.kind = counter ? PowerKind::kJoules : PowerKind::kWatts;
    channel.file = base + file;
    channel.scale = kMicro;
    // A channel that tells both its present and its average power is one channel: the average.
    (counter ? counters : meters).try_emplace(number, std::move(channel));
  }
  return counters.empty() ? meters : counters;
}

// "energy2" -> what energy2_label says.
std::string LabelOf(const Reader& reader, const std::string& chip, const std::string& channel) {
  const Reading label = reader.Text(kHwmon + "/" + chip + "/" + channel + "_label");
  return label ? *label.text : "";
}

void AddHwmon(const Reader& reader, PowerSources* sources) {
  for (const std::string& folder : reader.List(kHwmon)) {
    const Reading name = reader.Text(kHwmon + "/" + folder + "/name");
    if (!name || name.text->starts_with("BAT")) continue;  // batteries are asked themselves
    auto channels = ChannelsOf(reader, folder);
    if (channels.empty()) continue;
    const auto* known = std::find_if(std::begin(kChips), std::end(kChips),
                                     [&](const Chip& chip) { return chip.name == *name.text; });
    PowerSource source;
    source.name = "hwmon:" + *name.text;
    if (known == std::end(kChips)) {
      source.scope_text = "what the sensor '" + *name.text + "' is wired to";
      source.update_s = 1;
    } else {
      source.scope = known->scope;
      source.scope_text = known->text;
      source.update_s = known->update_s;
      for (const std::string_view label : known->labels) {
        if (label.empty()) continue;
        std::map<std::string, PowerChannel> labelled;
        for (const auto& [number, channel] : channels) {
          if (LabelOf(reader, folder, number).starts_with(label)) labelled.emplace(number, channel);
        }
        if (labelled.empty()) continue;
        channels = std::move(labelled);
        break;
      }
    }
    const bool summed = known != std::end(kChips) && !known->labels[0].empty();
    if (channels.size() > 1 && !summed) {
      sources->obstacles.push_back(source.name + ": " + Plural(channels.size(), "channel") +
                                   ", and nothing tells whether one is part of another");
      continue;
    }
    for (auto& [number, channel] : channels) source.channels.push_back(std::move(channel));
    sources->usable.push_back(std::move(source));
  }
}

// Units: µV, µA, µW, µAh, µWh (Documentation/power/power_supply_class.rst).
std::optional<PowerChannel> BatteryChannel(const Reader& reader, const std::string& base) {
  PowerChannel channel;
  channel.guard = base + "status";
  channel.guard_text = "Discharging";
  const auto voltage = reader.Integer(base + "voltage_now");
  if (reader.Integer(base + "power_now").value_or(0) != 0) {
    channel.kind = PowerKind::kWatts, channel.file = base + "power_now", channel.scale = kMicro;
  } else if (reader.Integer(base + "current_now").value_or(0) != 0 && voltage.value_or(0) > 0) {
    channel.kind = PowerKind::kAmperes, channel.file = base + "current_now", channel.scale = kMicro;
    channel.volts = base + "voltage_now", channel.volts_scale = kMicro;
  } else if (reader.Integer(base + "energy_now").value_or(0) > 0) {
    channel.kind = PowerKind::kCharge, channel.file = base + "energy_now";
    channel.scale = kMicroWattHours;
  } else if (reader.Integer(base + "charge_now").value_or(0) > 0) {
    auto volts = voltage;
    if (volts.value_or(0) <= 0) volts = reader.Integer(base + "voltage_min_design");
    if (volts.value_or(0) <= 0) return std::nullopt;
    channel.kind = PowerKind::kCharge, channel.file = base + "charge_now";
    channel.scale = kMicroWattHours * static_cast<double>(*volts) * kMicro;
  } else {
    return std::nullopt;
  }
  return channel;
}

void AddBatteries(const Reader& reader, PowerSources* sources) {
  PowerSource source{.name = "battery",
                     .scope = PowerScope::kMachine,
                     .scope_text = "whole machine",
                     .update_s = kBatteryUpdate_s,
                     .channels = {}};
  bool present = false, silent = false, charging = false, plugged = false;
  for (const std::string& name : reader.List(kSupplies)) {
    const std::string base = kSupplies + "/" + name + "/";
    const Reading type = reader.Text(base + "type"), scope = reader.Text(base + "scope");
    if (!type || (scope && *scope.text == "Device")) continue;  // the battery of a mouse
    if (*type.text != "Battery") {
      plugged |= reader.Integer(base + "online").value_or(0) > 0;
      continue;
    }
    present = true;
    const Reading status = reader.Text(base + "status");
    charging |= status && *status.text == "Charging";
    if (!status || *status.text != "Discharging") continue;
    if (auto channel = BatteryChannel(reader, base)) {
      source.channels.push_back(std::move(*channel));
    } else {
      silent = true;
    }
  }
  if (!present) return;
  if (silent) {
    sources->obstacles.emplace_back("the battery does not tell its power");
  } else if (charging || plugged || source.channels.empty()) {
    sources->obstacles.emplace_back(
        "the battery counts only while it alone feeds the machine: unplug the adapter");
  } else {
    sources->usable.push_back(std::move(source));
  }
}

}  // namespace

PowerSources FindPowerSources(const Reader& reader) {
  PowerSources sources;
  AddRapl(reader, &sources);
  AddHwmon(reader, &sources);
  AddBatteries(reader, &sources);
  return sources;
}

std::string WhyNoJoules(const PowerSources& sources) {
  std::string why;
  for (const std::string& obstacle : sources.obstacles) {
    why += (why.empty() ? "" : "; ") + obstacle;
  }
  return why.empty() ? "this system has no energy counter, power sensor or battery" : why;
}

// Linux closes the counters to users since CVE-2020-8694.
std::string WhyRaplClosed(const std::string& reason) {
  if (reason != "permission denied") return reason;
  return reason + "; open them until the next start with: sudo chmod a+r " + kPowercap +
         "/*rapl:*/energy_uj";
}

}  // namespace inferometer
