// The OpenCL backend: one device for every OpenCL device of this machine.
#ifndef INFEROMETER_BACKENDS_OPENCL_OPENCL_H_
#define INFEROMETER_BACKENDS_OPENCL_OPENCL_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/device.h"
#include "backends/opencl/overrides.h"

namespace inferometer::opencl {

// With what the variable INFEROMETER_OPENCL overrides. Throws Error for a word in it that is
// unknown.
std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions& options);
// With these overrides, for tests.
std::vector<std::unique_ptr<Device>> OpenDevices(const Overrides& overrides);
std::string WhyNone();

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_OPENCL_H_
