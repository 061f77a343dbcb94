// Curves over the size of a working set: bandwidth and latency from the first cache to memory.
#ifndef INFEROMETER_HARNESS_WORKLOADS_CACHE_CURVES_H_
#define INFEROMETER_HARNESS_WORKLOADS_CACHE_CURVES_H_

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "backends/device.h"
#include "harness/workloads/ceilings.h"
#include "results/record.h"

namespace inferometer {

// Called between points; false ends the curve.
using GoOn = std::function<bool()>;

// Working sets from 4 KiB to four times the last-level cache, at least 64 MiB, at most 1 GiB and an
// eighth of memory: four an octave, multiples of 4 KiB.
std::vector<std::int64_t> CurveSizes(const CeilingOptions& options);

// Links for LatencyProbe: one cycle through all lines in random order, as bytes of a buffer. The
// cycle is drawn uniformly from all (Sattolo 1986).
std::vector<std::byte> RandomCycle(std::int64_t bytes, std::uint64_t seed);

// `cache_bandwidth` of each size, every thread of the device reading so many bytes of its own.
std::vector<Ceiling> BandwidthCurve(Device& device, const CeilingOptions& options, double at_s,
                                    const GoOn& go_on);

// `access_latency` of each size, and `cache_size` of each level read off it. `described_bytes` are
// the sizes of the data caches as the system describes them, the first level first, 0 for unknown.
std::vector<Ceiling> LatencyCurve(Device& device, const CeilingOptions& options,
                                  std::span<const std::uint64_t> described_bytes, double at_s,
                                  const GoOn& go_on);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_CACHE_CURVES_H_
