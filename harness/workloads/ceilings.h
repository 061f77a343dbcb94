// Ceilings: what a device can do at most, measured by synthetic plans.
#ifndef INFEROMETER_HARNESS_WORKLOADS_CEILINGS_H_
#define INFEROMETER_HARNESS_WORKLOADS_CEILINGS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/device.h"
#include "results/record.h"

namespace inferometer {

struct CeilingOptions {
  std::uint64_t last_level_bytes = 0;  // of the last-level cache; 0: unknown
  std::uint64_t memory_bytes = 0;      // of the memory that the device computes in; 0: unknown
  double each_s = 0.25;                // how long one ceiling is measured
  std::function<double()> now;         // s on a steady clock
};

// The bytes that a bandwidth is measured over: four times the last-level cache, at least 256 MiB,
// at most an eighth of memory.
std::uint64_t ProbeBytes(const CeilingOptions& options);

// The ceilings of one device: buffers and plans are made once, so that measuring again later costs
// only the time of measuring.
class Ceilings {
 public:
  // What rooflines need: read bandwidth, fp32 and int8 peak, barrier (CPU) or launch (GPU) latency.
  // `full` adds what is only reported: copy and triad bandwidth, fp16 and bf16 peak.
  Ceilings(Device& device, const CeilingOptions& options, bool full);
  ~Ceilings();

  // Measures all that the device supports. `at_s`: seconds since the start of the run. With `quick`
  // those that rooflines need.
  std::vector<Ceiling> Measure(double at_s, bool quick);

  // "int8_peak: the reason", for those that the device does not support.
  const std::vector<std::string>& unsupported() const { return unsupported_; }

 private:
  struct Probe {
    std::string metric;
    std::unique_ptr<Plan> plan;
    double units = 0;         // bytes, operations or launches of one run
    std::uint64_t bytes = 0;  // working set; 0 for none
    bool quick = true;
  };
  void Add(const std::string& metric, const Op& op, double units, bool quick,
           std::uint64_t bytes = 0);
  void AddCompute(const std::string& metric, NumberType type, bool quick);
  TensorId Buffer(std::size_t index, std::uint64_t bytes);

  Device& device_;
  CeilingOptions options_;
  std::vector<TensorId> buffers_;
  std::vector<Probe> probes_;
  std::vector<std::string> unsupported_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_CEILINGS_H_
