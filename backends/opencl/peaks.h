// Which kernel shows the peak of a number type on a device.
#ifndef INFEROMETER_BACKENDS_OPENCL_PEAKS_H_
#define INFEROMETER_BACKENDS_OPENCL_PEAKS_H_

#include <string>

#include "backends/opencl/capabilities.h"
#include "models/op.h"

namespace inferometer::opencl {

struct PeakKernel {
  std::string defines;
  std::size_t items = 1, groups = 1;
  double operations_of_round = 0;  // of one work-item
};

// Of a type that WhyNoPeak accepts.
PeakKernel PeakOf(const Capabilities& can, NumberType type);
// Empty when there is a kernel, else the reason in words.
std::string WhyNoPeak(const Capabilities& can, const ComputeProbe& op);

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_PEAKS_H_
