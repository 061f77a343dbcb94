// Options, theory and the clock.
#include "harness/runner/ceiling_setup.h"

#include <algorithm>
#include <string>

#include "harness/base/clock.h"
#include "harness/base/huge_buffer.h"
#include "harness/runner/machine.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

constexpr int kTimerSamples = 11, kClockReadings = 1000;

double NumberAt(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return json.contains(at) && json[at].is_number() ? json[at].get<double>() : 0;
}

std::string TextAt(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return json.contains(at) && json[at].is_string() ? json[at].get<std::string>() : std::string();
}

}  // namespace

CeilingOptions CeilingOptionsFor(const Device& device, const nlohmann::json& described,
                                 double each_s) {
  CeilingOptions options;
  const bool on_cpu = device.Info().backend == "cpu";
  options.last_level_bytes = on_cpu ? LastLevelCache(described) : 0;
  options.memory_bytes = on_cpu ? AvailableMemory(described).value_or(TotalMemory(described))
                                : device.Info().memory_bytes;
  if (on_cpu) {
    options.page_bytes = HugePageBytes();
    options.small_page_bytes = SmallPageBytes();
  }
  options.each_s = each_s;
  options.now = NowSeconds;
  return options;
}

std::uint64_t CeilingBytes(const nlohmann::json& described) {
  CeilingOptions options;
  options.last_level_bytes = LastLevelCache(described);
  options.memory_bytes = AvailableMemory(described).value_or(TotalMemory(described));
  return ProbeBytes(options);
}

TheoryInput TheoryInputOf(const nlohmann::json& described) {
  TheoryInput input;
  input.microarchitecture = TextAt(described, "/cpu/microarchitecture");
  input.cores = static_cast<int>(NumberAt(described, "/cpu/cores"));
  input.max_clock_hz = NumberAt(described, "/cpu/clock/max_hz");
  input.transfers_per_s = NumberAt(described, "/memory/transfer_rate");
  input.memory_modules = static_cast<int>(NumberAt(described, "/memory/modules"));
  return input;
}

std::vector<std::uint64_t> DataCaches(const nlohmann::json& described) {
  constexpr int kMostLevels = 8;
  std::vector<std::uint64_t> sizes;
  const nlohmann::json::json_pointer at("/cpu/caches");
  if (!described.contains(at) || !described[at].is_array()) return sizes;
  for (const nlohmann::json& cache : described[at]) {
    const auto level = static_cast<int>(NumberAt(cache, "/level"));
    if (level < 1 || level > kMostLevels || TextAt(cache, "/type") == "instruction") continue;
    sizes.resize(std::max(sizes.size(), static_cast<std::size_t>(level)));
    // Of several kinds of core the larger: those are taken first.
    std::uint64_t& size = sizes[static_cast<std::size_t>(level) - 1];
    size = std::max(size, static_cast<std::uint64_t>(NumberAt(cache, "/size_bytes")));
  }
  return sizes;
}

std::vector<Ceiling> TimerCeilings(const std::function<double()>& now, double at_s) {
  Ceiling step;
  step.metric = "timer_step", step.backend = step.device = "host";
  step.threads = 1, step.at_s = at_s;
  Ceiling overhead = step;
  overhead.metric = "timer_overhead";
  for (int i = 0; i < kTimerSamples; ++i) {
    step.samples.push_back(TimerStep(now));
    const double start_s = now();
    for (int reading = 1; reading < kClockReadings; ++reading) static_cast<void>(now());
    overhead.samples.push_back((now() - start_s) / kClockReadings);
  }
  step.value = Median(step.samples);
  overhead.value = Median(overhead.samples);
  return {step, overhead};
}

}  // namespace inferometer
