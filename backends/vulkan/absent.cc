// The backend where Vulkan's headers were missing when this was built.
#include "backends/vulkan/vulkan.h"

namespace inferometer::vulkan {

std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions&) { return {}; }
std::vector<std::unique_ptr<Device>> OpenDevices(const Overrides&) { return {}; }
std::string WhyNone() { return "this build lacks Vulkan's headers; ci/setup installs them"; }

}  // namespace inferometer::vulkan
