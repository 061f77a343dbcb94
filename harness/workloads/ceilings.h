// Ceilings: what a device can do at most, measured by synthetic plans.
#ifndef INFEROMETER_HARNESS_WORKLOADS_CEILINGS_H_
#define INFEROMETER_HARNESS_WORKLOADS_CEILINGS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/device.h"
#include "harness/workloads/probe_plan.h"
#include "results/record.h"

namespace inferometer {

struct CeilingOptions {
  std::uint64_t last_level_bytes = 0;  // of the last-level cache; 0: unknown
  std::uint64_t memory_bytes = 0;      // of the memory that the device computes in; 0: unknown
  // The pages that it stands in: by default, and on demand; 0: unknown.
  std::uint64_t page_bytes = 0, small_page_bytes = 0;
  double each_s = 0.25;         // how long one ceiling is measured
  std::function<double()> now;  // s on a steady clock
};

// The bytes that a bandwidth is measured over: four times the last-level cache, at least 256 MiB,
// at most an eighth of memory.
std::uint64_t ProbeBytes(const CeilingOptions& options);

// The ceilings of one device. The way to read fastest (pages, streams a thread) is looked for once;
// the buffer and the plans of the roofs stay, so that measuring them again later costs only the
// time of measuring.
class Ceilings {
 public:
  // The roofs are what rooflines need: read bandwidth, fp32 and int8 peak, barrier (CPU) or launch
  // (GPU) latency. `full` adds what is only reported: copy and triad bandwidth, the peaks of other
  // number types and of matrix instructions, the clock, and what lies between a GPU and its host.
  Ceilings(Device& device, const CeilingOptions& options, bool full);

  // Measures all that the device supports. `at_s`: seconds since the start of the run. With
  // `roofs_only` the roofs. The first call also yields the plain read bandwidth: one stream a
  // thread, small pages.
  std::vector<Ceiling> Measure(double at_s, bool roofs_only);

  // "int8_peak: the reason", for those that the device does not support.
  const std::vector<std::string>& unsupported() const { return unsupported_; }

 private:
  struct Probe {
    std::string metric;
    std::unique_ptr<Plan> plan;
    double units = 0;  // bytes, operations, additions or launches of one run
    nlohmann::json params = nlohmann::json::object();
    ClockOf clock = ClockOf::kDevice;
  };
  // A way to stream over memory, and the times it took while ways were compared.
  struct Way {
    MemoryProbe op;
    std::unique_ptr<Plan> plan;
    std::vector<double> times_s;
  };

  bool IsCpu() const { return device_.Info().backend == "cpu"; }
  void ChooseRead();
  void AddCompute(std::vector<Probe>& list, const std::string& metric, NumberType type,
                  bool matrix);
  void Add(std::vector<Probe>& list, const std::string& metric, const Op& op, double units,
           ClockOf clock = ClockOf::kDevice);
  std::vector<Way> Compare(const MemoryProbe& op, int rounds);
  void MeasureWriting(double at_s, std::vector<Ceiling>& ceilings);
  nlohmann::json ParamsOf(const MemoryProbe& op) const;
  std::int64_t StreamBytes() const;

  Device& device_;
  CeilingOptions options_;
  bool full_;
  std::optional<ProbeBuffer> buffer_;  // outlives the plans over it
  std::vector<Probe> roofs_, others_;
  std::optional<Way> plain_;  // until the first Measure
  std::vector<std::string> unsupported_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_CEILINGS_H_
