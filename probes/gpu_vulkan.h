// One Vulkan device, described by the process that has loaded its driver.
#ifndef INFEROMETER_PROBES_GPU_VULKAN_H_
#define INFEROMETER_PROBES_GPU_VULKAN_H_

#define VK_NO_PROTOTYPES 1
#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace inferometer {

constexpr std::uint32_t kMostVulkanExtensions = 4096;

struct VulkanFunctions {
  PFN_vkGetInstanceProcAddr get = nullptr;
  VkInstance instance = nullptr;

  template <typename Pointer>
  Pointer Find(const char* name) const {
    return reinterpret_cast<Pointer>(get(instance, name));
  }
};

// "1.3.230"
inline std::string VulkanVersion(std::uint32_t version) {
  return std::to_string(VK_API_VERSION_MAJOR(version)) + "." +
         std::to_string(VK_API_VERSION_MINOR(version)) + "." +
         std::to_string(VK_API_VERSION_PATCH(version));
}

nlohmann::json DescribeVulkanDevice(const VulkanFunctions& vulkan, VkPhysicalDevice device);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_GPU_VULKAN_H_
