// Measures what a machine can do at most, without a model.
#ifndef INFEROMETER_HARNESS_RUNNER_RUN_CEILINGS_H_
#define INFEROMETER_HARNESS_RUNNER_RUN_CEILINGS_H_

#include <functional>
#include <string>
#include <vector>

#include "harness/runner/run.h"
#include "results/record.h"

namespace inferometer {

struct CeilingsRequest {
  std::vector<std::string> devices;  // ids; empty: as a run chooses them
  int threads = 0;                   // 0: one per physical core
  // Every kernel set of the CPU, all numbers of threads, and curves over the working set.
  bool full = false;
  std::string gpu_helper;  // SystemRoot::gpu_helper (probes/probe.h): who asks the GPU drivers
};

// The numbers of threads, below `most`, that bandwidths are measured with: all up to 8, then powers
// of two.
std::vector<int> ThreadCountsBelow(int most);

// A result without rows. Throws Error(kUsage) for an unknown device, Error(kRunFailed) when there
// is none. When `stop` turns true it ends after the current ceiling and is marked incomplete.
Result RunCeilings(const CeilingsRequest& request, const OnProgress& progress,
                   const std::function<bool()>& stop);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_RUN_CEILINGS_H_
