// Reads what else the machine does, and takes figures out of the probes' description.
#include "harness/runner/machine.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <sstream>

#include "harness/base/error.h"
#include "harness/base/file.h"

namespace inferometer {
namespace {

// The number at a pointer, or nothing.
std::optional<std::uint64_t> NumberAt(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  if (!json.contains(at) || !json[at].is_number()) return std::nullopt;
  const double value = json[at].get<double>();
  if (value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::optional<CpuTimes> ReadCpuTimes(const std::string& root) {
  constexpr double kTick_s = 0.01;  // USER_HZ is 100 on every Linux (man 5 proc)
  std::string text;
  try {
    text = ReadText(root + "/proc/stat");
  } catch (const Error&) {
    return std::nullopt;
  }
  std::istringstream line(text);
  std::string name;
  // user nice system idle iowait irq softirq steal
  std::array<double, 8> ticks{};
  line >> name;
  for (double& tick : ticks) line >> tick;
  if (!line || name != "cpu") return std::nullopt;
  CpuTimes times;
  for (const double tick : ticks) times.total_s += tick * kTick_s;
  times.steal_s = ticks[7] * kTick_s;
  times.busy_s = times.total_s - (ticks[3] + ticks[4]) * kTick_s - times.steal_s;
  times.own_s = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return times;
}

CpuShares SharesBetween(const CpuTimes& before, const CpuTimes& after) {
  const double total_s = after.total_s - before.total_s;
  if (total_s <= 0) return {};
  const double own_s = after.own_s - before.own_s;
  return {std::max(0.0, after.busy_s - before.busy_s - own_s) / total_s,
          std::max(0.0, after.steal_s - before.steal_s) / total_s};
}

std::optional<std::uint64_t> ReadSwappedPages(const std::string& root) {
  std::string text;
  try {
    text = ReadText(root + "/proc/vmstat");
  } catch (const Error&) {
    return std::nullopt;
  }
  std::istringstream lines(text);
  std::optional<std::uint64_t> pages;
  std::string name;
  std::uint64_t count = 0;
  while (lines >> name >> count) {
    if (name == "pswpin" || name == "pswpout") pages = pages.value_or(0) + count;
  }
  return pages;
}

double TimerStep(const std::function<double()>& now) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 1000; ++i) {
    const double a = now();
    double b = now();
    for (int tries = 0; b <= a && tries < 100000; ++tries) b = now();
    if (b > a) least = std::min(least, b - a);
  }
  return least;
}

std::optional<std::uint64_t> AvailableMemory(const nlohmann::json& device) {
  const auto available = NumberAt(device, "/memory/available_bytes");
  const auto limit = NumberAt(device, "/memory/limit_bytes");
  if (available && limit) return std::min(*available, *limit);
  return available ? available : limit;
}

std::uint64_t TotalMemory(const nlohmann::json& device) {
  return NumberAt(device, "/memory/total_bytes").value_or(0);
}

std::uint64_t LastLevelCache(const nlohmann::json& device) {
  const nlohmann::json::json_pointer at("/cpu/caches");
  std::uint64_t bytes = 0;
  double level = 0;
  if (!device.contains(at) || !device[at].is_array()) return 0;
  for (const nlohmann::json& cache : device[at]) {
    if (!cache.value("level", nlohmann::json()).is_number()) continue;
    if (cache["level"].get<double>() < level) continue;
    level = cache["level"].get<double>();
    bytes = NumberAt(cache, "/size_bytes").value_or(0);
  }
  return bytes;
}

std::string Hypervisor(const nlohmann::json& device) {
  const nlohmann::json::json_pointer at("/environment/hypervisor");
  if (!device.contains(at) || !device[at].is_string()) return {};
  const auto name = device[at].get<std::string>();
  return name == "none" ? std::string() : name;
}

}  // namespace inferometer
