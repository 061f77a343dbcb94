// A logical device with its queue: what everything else of this backend holds on to.
#ifndef INFEROMETER_BACKENDS_VULKAN_GPU_H_
#define INFEROMETER_BACKENDS_VULKAN_GPU_H_

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "backends/vulkan/capabilities.h"

namespace inferometer::vulkan {

class Gpu {
 public:
  // Throws Error when the driver refuses.
  Gpu(std::shared_ptr<Instance> instance, VkPhysicalDevice physical, const Capabilities& can);
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  const DeviceApi& api() const { return api_; }
  VkDevice device() const { return device_; }
  const Capabilities& can() const { return can_; }
  const VkPhysicalDeviceMemoryProperties& memory() const { return memory_; }

  VkCommandBuffer NewCommandBuffer() const;
  void FreeCommandBuffer(VkCommandBuffer commands) const {
    api_.FreeCommandBuffers(device_, pool_, 1, &commands);
  }
  // Runs recorded command buffers, each a piece of work of its own for the driver, in one call, and
  // waits for them.
  void Submit(std::span<const VkCommandBuffer> commands);
  // Records `record` into a command buffer of its own, runs it and waits.
  void RunOnce(const std::function<void(VkCommandBuffer)>& record);
  void Begin(VkCommandBuffer commands) const;
  void End(VkCommandBuffer commands) const;

 private:
  void Destroy();

  const std::shared_ptr<Instance> instance_;
  const Capabilities can_;
  VkPhysicalDeviceMemoryProperties memory_{};
  DeviceApi api_;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  VkCommandBuffer once_ = VK_NULL_HANDLE;
  VkFence fence_ = VK_NULL_HANDLE;
  std::vector<VkSubmitInfo> submits_;  // of the last Submit, kept for its room
  bool lost_ = false;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_GPU_H_
