// What ceilings and their curves share: filled buffers on a device, and the times of its plans.
#ifndef INFEROMETER_HARNESS_WORKLOADS_PROBE_PLAN_H_
#define INFEROMETER_HARNESS_WORKLOADS_PROBE_PLAN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "backends/device.h"
#include "results/record.h"

namespace inferometer {

// Whose clock times a plan: the device's own where it has one, since what the host waits for is no
// part of a roof, or the host's.
enum class ClockOf : std::uint8_t { kDevice, kHost };
double SecondsOf(const Timing& timing, ClockOf clock = ClockOf::kDevice);

// A buffer on a device, freed at the end. Filled with floats in [1, 2), since untouched pages are
// one and the same page of zeros, which a cache holds; but not when `bytes` are to be written.
class ProbeBuffer {
 public:
  ProbeBuffer(Device& device, std::uint64_t bytes, TensorRole role, bool fill = true);
  ~ProbeBuffer();
  ProbeBuffer(ProbeBuffer&& other) noexcept;
  ProbeBuffer& operator=(ProbeBuffer&& other) noexcept;

  TensorId id() const { return id_; }

 private:
  Device* device_;
  TensorId id_;
};

// Bytes that an array of `about` bytes has so that each thread's part is an odd number of pages of
// 4096: its 2, 4 or 8 streams then start in different sets of the caches.
std::int64_t StreamedBytes(std::uint64_t about, int threads);

// Runs the plan once untimed, then for `seconds`, at least five times. The seconds of each run.
std::vector<double> TimesOf(Plan& plan, double seconds, const std::function<double()>& now,
                            ClockOf clock = ClockOf::kDevice);

// A ceiling of this device, `units` of work having taken each of `times_s`: rates of them, the best
// being the value, or times of one unit, the value being their median, as the metric has it.
Ceiling CeilingOf(const std::string& metric, const DeviceInfo& info, double units,
                  const std::vector<double>& times_s, double at_s);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_PROBE_PLAN_H_
