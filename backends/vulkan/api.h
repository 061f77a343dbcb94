// Vulkan's functions, found at run time, and its errors in words.
#ifndef INFEROMETER_BACKENDS_VULKAN_API_H_
#define INFEROMETER_BACKENDS_VULKAN_API_H_

#define VK_NO_PROTOTYPES 1
#include <vulkan/vulkan_core.h>

#include <string>
#include <string_view>

#include "backends/vulkan/cooperative_matrix_api.h"

namespace inferometer::vulkan {

#define INFEROMETER_VULKAN_INSTANCE_FUNCTIONS(X) \
  X(CreateDevice)                                \
  X(DestroyInstance)                             \
  X(EnumerateDeviceExtensionProperties)          \
  X(EnumeratePhysicalDevices)                    \
  X(GetDeviceProcAddr)                           \
  X(GetPhysicalDeviceFeatures2)                  \
  X(GetPhysicalDeviceMemoryProperties)           \
  X(GetPhysicalDeviceProperties)                 \
  X(GetPhysicalDeviceProperties2)                \
  X(GetPhysicalDeviceQueueFamilyProperties)

#define INFEROMETER_VULKAN_DEVICE_FUNCTIONS(X) \
  X(AllocateCommandBuffers)                    \
  X(AllocateDescriptorSets)                    \
  X(AllocateMemory)                            \
  X(BeginCommandBuffer)                        \
  X(BindBufferMemory)                          \
  X(CmdBindDescriptorSets)                     \
  X(CmdBindPipeline)                           \
  X(CmdCopyBuffer)                             \
  X(CmdDispatch)                               \
  X(CmdDispatchIndirect)                       \
  X(CmdFillBuffer)                             \
  X(CmdPipelineBarrier)                        \
  X(CmdPushConstants)                          \
  X(CmdResetQueryPool)                         \
  X(CmdWriteTimestamp)                         \
  X(CreateBuffer)                              \
  X(CreateBufferView)                          \
  X(CreateCommandPool)                         \
  X(CreateComputePipelines)                    \
  X(CreateDescriptorPool)                      \
  X(CreateDescriptorSetLayout)                 \
  X(CreateFence)                               \
  X(CreatePipelineCache)                       \
  X(CreatePipelineLayout)                      \
  X(CreateQueryPool)                           \
  X(CreateShaderModule)                        \
  X(DestroyBuffer)                             \
  X(DestroyBufferView)                         \
  X(DestroyCommandPool)                        \
  X(DestroyDescriptorPool)                     \
  X(DestroyDescriptorSetLayout)                \
  X(DestroyDevice)                             \
  X(DestroyFence)                              \
  X(DestroyPipeline)                           \
  X(DestroyPipelineCache)                      \
  X(DestroyPipelineLayout)                     \
  X(DestroyQueryPool)                          \
  X(DestroyShaderModule)                       \
  X(DeviceWaitIdle)                            \
  X(EndCommandBuffer)                          \
  X(FreeCommandBuffers)                        \
  X(FreeMemory)                                \
  X(GetBufferMemoryRequirements)               \
  X(GetDeviceQueue)                            \
  X(GetPipelineCacheData)                      \
  X(GetQueryPoolResults)                       \
  X(MapMemory)                                 \
  X(QueueSubmit)                               \
  X(ResetCommandBuffer)                        \
  X(ResetFences)                               \
  X(UpdateDescriptorSets)                      \
  X(WaitForFences)

// NOLINTBEGIN(readability-identifier-naming): the names are Vulkan's
struct InstanceApi {
#define INFEROMETER_MEMBER(name) PFN_vk##name name = nullptr;
  INFEROMETER_VULKAN_INSTANCE_FUNCTIONS(INFEROMETER_MEMBER)
  // Null where neither loader nor driver knows it.
  PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR
      GetPhysicalDeviceCooperativeMatrixPropertiesKHR = nullptr;
};

struct DeviceApi {
  INFEROMETER_VULKAN_DEVICE_FUNCTIONS(INFEROMETER_MEMBER)
#undef INFEROMETER_MEMBER
};
// NOLINTEND(readability-identifier-naming)

// "VK_ERROR_DEVICE_LOST"; the number of an unknown one.
std::string NameOf(VkResult result);

// Throws Error saying what failed, how, and what to do about it.
[[noreturn]] void Fail(VkResult result, std::string_view what);
inline void Check(VkResult result, std::string_view what) {
  if (result != VK_SUCCESS) Fail(result, what);
}

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_API_H_
