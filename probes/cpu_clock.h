// Clocks of the processors, and what governs them.
#ifndef INFEROMETER_PROBES_CPU_CLOCK_H_
#define INFEROMETER_PROBES_CPU_CLOCK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/facts.h"

namespace inferometer {

// The largest positive number in `file` of any of the processors, such as cpufreq/cpuinfo_max_freq.
std::optional<std::int64_t> LargestOfCpus(const Reader& reader, const std::vector<int>& cpus,
                                          const std::string& file);

// Adds clock.*, governors and boost. `cpuinfo` is /proc/cpuinfo, read once because it changes.
void AddClocks(const Reader& reader, const Reading& cpuinfo, const std::vector<int>& cpus,
               Facts* facts);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_CPU_CLOCK_H_
