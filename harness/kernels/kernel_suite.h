// The op-level suite: cases times devices as Google Benchmark's benchmarks.
#ifndef INFEROMETER_HARNESS_KERNELS_KERNEL_SUITE_H_
#define INFEROMETER_HARNESS_KERNELS_KERNEL_SUITE_H_

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/device.h"
#include "harness/kernels/kernel_case.h"
#include "harness/workloads/ceilings.h"

namespace inferometer {

struct KernelSuite {
  std::vector<Device*> devices;  // must outlive the run
  std::vector<KernelCase> cases;
  // How a device's roofs are measured; called when the first of its benchmarks runs.
  std::function<CeilingOptions(const Device&)> ceiling_options;
  // Lines for the context that Google Benchmark prints before its results.
  std::vector<std::pair<std::string, std::string>> context;
};

struct KernelOutcome {
  std::size_t selected = 0;     // benchmarks that the filter left
  std::size_t failed = 0;       // not conforming, or an error
  std::size_t unsupported = 0;  // by their device
};

// The flags that this version knows, for suggestions.
std::vector<std::string> BenchmarkFlagNames();

// Throws Error(kUsage) for a flag of Google Benchmark's that lacks its value, or whose value it
// would end the program for.
void CheckBenchmarkFlags(std::span<const std::string> flags);

// Hands all benchmarks to Google Benchmark and lets it run those that its flags select; its console
// table or JSON goes to stdout, and to --benchmark_out. A benchmark's first run prepares: it holds
// the case against the reference, measures the device's roofs, and uploads. A case that does not
// conform, is not supported or ends in an error is reported as such and never timed. The time is
// that of the op once; the counters are bytes/s and flop/s of its cost, and the part of the roof
// that they are; the label says what was rotated, which roof binds and the distance from the
// reference. Call it once in a process. Throws Error(kUsage) for a flag that Google Benchmark does
// not take.
KernelOutcome RunKernelSuite(const KernelSuite& suite, std::span<const std::string> flags);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_KERNELS_KERNEL_SUITE_H_
