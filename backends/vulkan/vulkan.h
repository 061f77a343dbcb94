// Devices of Vulkan 1.1 and later.
#ifndef INFEROMETER_BACKENDS_VULKAN_VULKAN_H_
#define INFEROMETER_BACKENDS_VULKAN_VULKAN_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/device.h"
#include "backends/vulkan/overrides.h"

namespace inferometer::vulkan {

// One device for each that the loader lists and that can do what the shaders need at least. The
// environment variable INFEROMETER_VULKAN holds overrides.
std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions& options);
std::vector<std::unique_ptr<Device>> OpenDevices(const Overrides& overrides);
std::string WhyNone();

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_VULKAN_H_
