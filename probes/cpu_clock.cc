// Clocks of the processors, and what governs them (Documentation/admin-guide/pm/cpufreq.rst).
#include "probes/cpu_clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>

namespace inferometer {
namespace {

const std::string kCpuinfo = "/proc/cpuinfo";
constexpr std::int64_t kMost = std::int64_t{1} << 40;  // beyond any clock in kHz
const std::string kSysCpu = "/sys/devices/system/cpu/";

void AddSpeeds(const Reader& reader, const Reading& cpuinfo, const std::vector<int>& cpus,
               Facts* facts) {
  struct Row {
    const char *key, *file;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"clock.max_hz", "cpufreq/cpuinfo_max_freq"},
                                  {"clock.min_hz", "cpufreq/cpuinfo_min_freq"},
                                  {"clock.base_hz", "cpufreq/base_frequency"},
                                  {"clock.current_hz", "cpufreq/scaling_cur_freq"}}) {
    const std::string source = kSysCpu + "cpu*/" + row.file;
    if (const auto khz = LargestOfCpus(reader, cpus, row.file)) {
      facts->Add(row.key, *khz * 1000, "Hz", source);
      continue;
    }
    const auto mhz = cpuinfo && row.key == std::string_view("clock.current_hz")
                         ? Field(*cpuinfo.text, "cpu MHz")
                         : std::nullopt;
    double value = 0;
    if (mhz && std::from_chars(mhz->data(), mhz->data() + mhz->size(), value).ec == std::errc() &&
        value > 0 && value < 1e5) {
      facts->Add(row.key, std::round(value * 1e6), "Hz", kCpuinfo);
    } else {
      facts->Missing(row.key, "Hz", source, "not told by a cpufreq driver");
    }
  }
}

void AddGovernors(const Reader& reader, Facts* facts) {
  const std::string base = kSysCpu + "cpufreq/";
  std::map<std::array<std::string, 3>, std::vector<int>> policies;
  for (const std::string& name : reader.List(base)) {
    if (!name.starts_with("policy")) continue;
    std::array<std::string, 3> key;
    constexpr const char* kFiles[] = {"scaling_driver", "scaling_governor",
                                      "energy_performance_preference"};
    for (std::size_t i = 0; i < 3; ++i) {
      const Reading value = reader.Text(base + name + "/" + kFiles[i]);
      if (value) key[i] = *value.text;
    }
    const Reading cpus = reader.Text(base + name + "/related_cpus");  // "0 1 2 3"
    for (const std::string& cpu : cpus ? SplitWords(*cpus.text) : std::vector<std::string>()) {
      if (const auto number = ParseInteger(cpu); number && *number >= 0 && *number < 8192)
        policies[key].push_back(static_cast<int>(*number));
    }
  }
  if (policies.empty()) {
    facts->Missing("governors", "", base + "policy*",
                   "no cpufreq driver: the host or the firmware sets the clock");
    return;
  }
  nlohmann::json rows = nlohmann::json::array();
  for (auto& [key, cpus] : policies) {
    std::sort(cpus.begin(), cpus.end());
    const auto text = [](const std::string& value) {
      return value.empty() ? nlohmann::json(nullptr) : nlohmann::json(value);
    };
    rows.push_back({{"cpus", FormatCpuList(cpus)},
                    {"driver", text(key[0])},
                    {"governor", text(key[1])},
                    {"energy_preference", text(key[2])}});
  }
  facts->Add("governors", std::move(rows), "", base + "policy*");
}

void AddBoost(const Reader& reader, Facts* facts) {
  const std::string no_turbo = kSysCpu + "intel_pstate/no_turbo", boost = kSysCpu + "cpufreq/boost";
  if (const auto off = reader.Integer(no_turbo)) {
    facts->Add("boost", *off == 0, "", no_turbo);
  } else if (const auto on = reader.Integer(boost)) {
    facts->Add("boost", *on != 0, "", boost);
  } else {
    facts->Missing("boost", "", boost, "no driver tells it");
  }
}

}  // namespace

std::optional<std::int64_t> LargestOfCpus(const Reader& reader, const std::vector<int>& cpus,
                                          const std::string& file) {
  std::optional<std::int64_t> largest;
  for (const int cpu : cpus) {
    const auto value = reader.Integer(kSysCpu + "cpu" + std::to_string(cpu) + "/" + file);
    if (value && *value > 0 && *value < kMost && (!largest || *value > *largest)) largest = value;
  }
  return largest;
}

void AddClocks(const Reader& reader, const Reading& cpuinfo, const std::vector<int>& cpus,
               Facts* facts) {
  AddSpeeds(reader, cpuinfo, cpus, facts);
  AddGovernors(reader, facts);
  AddBoost(reader, facts);
}

}  // namespace inferometer
