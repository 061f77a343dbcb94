// The backend where OpenCL's headers were missing when this was built.
#include "backends/opencl/opencl.h"

namespace inferometer::opencl {

std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions&) { return {}; }
std::vector<std::unique_ptr<Device>> OpenDevices(const Overrides&) { return {}; }
std::string WhyNone() { return "this build lacks OpenCL's headers; ci/setup installs them"; }

}  // namespace inferometer::opencl
