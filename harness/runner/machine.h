// The state of the machine around a run: what else it was doing, and what memory there is.
#ifndef INFEROMETER_HARNESS_RUNNER_MACHINE_H_
#define INFEROMETER_HARNESS_RUNNER_MACHINE_H_

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace inferometer {

// Processor time since the machine started, over all CPUs, s.
struct CpuTimes {
  double total_s = 0, busy_s = 0, steal_s = 0;
  double own_s = 0;  // of this process
};

// The first line of /proc/stat below `root`; empty where there is none.
std::optional<CpuTimes> ReadCpuTimes(const std::string& root = "/");

// Shares of all processor time between two readings.
struct CpuShares {
  double others = 0;  // other programs
  double steal = 0;   // taken by the machine's host
};
CpuShares SharesBetween(const CpuTimes& before, const CpuTimes& after);

// Pages read from and written to swap since the machine started, from /proc/vmstat below `root`;
// empty where it does not say.
std::optional<std::uint64_t> ReadSwappedPages(const std::string& root = "/");

// The least difference that the clock shows, s.
double TimerStep(const std::function<double()>& now);

// From what the probes read. Memory: what is available, or a control group's limit where that is
// less; empty when neither is known.
std::optional<std::uint64_t> AvailableMemory(const nlohmann::json& device);
std::uint64_t TotalMemory(const nlohmann::json& device);     // 0: unknown
std::uint64_t LastLevelCache(const nlohmann::json& device);  // bytes of one; 0: unknown
std::string Hypervisor(const nlohmann::json& device);        // empty: none, or unknown

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_MACHINE_H_
