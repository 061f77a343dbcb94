// The Vulkan loader, opened at run time, and an instance of it.
#ifndef INFEROMETER_BACKENDS_VULKAN_INSTANCE_H_
#define INFEROMETER_BACKENDS_VULKAN_INSTANCE_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/vulkan/api.h"

namespace inferometer::vulkan {

class Instance {
 public:
  // Null with the reason in `why_not` when there is no loader or no driver.
  static std::shared_ptr<Instance> Open(std::string& why_not);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const InstanceApi& api() const { return api_; }
  const std::vector<VkPhysicalDevice>& devices() const { return devices_; }

 private:
  Instance() = default;

  VkInstance instance_ = VK_NULL_HANDLE;
  InstanceApi api_;
  std::vector<VkPhysicalDevice> devices_;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_INSTANCE_H_
