// Ceilings that only a device with memory and launches of its own has: a GPU.
#ifndef INFEROMETER_HARNESS_WORKLOADS_GPU_CEILINGS_H_
#define INFEROMETER_HARNESS_WORKLOADS_GPU_CEILINGS_H_

#include <string>
#include <vector>

#include "harness/workloads/ceilings.h"

namespace inferometer {

// Dispatch and subgroup latency, the bandwidth of host memory as the GPU's kernels see it, upload
// and download. What the device does not support is added to `unsupported` as "metric: reason".
std::vector<Ceiling> MeasureGpuCeilings(Device& device, const CeilingOptions& options, double at_s,
                                        std::vector<std::string>& unsupported);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_GPU_CEILINGS_H_
