// A Vulkan layer between the loader and the driver that makes calls fail: INFEROMETER_FAULTS holds
// "QueueSubmit:3:device-lost AllocateMemory:0:out-of-memory": from the third call on (counted from
// 0) every call of the function fails so. A word more, ":once", and only that call does.
#include <vulkan/vk_layer.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace {

PFN_vkGetInstanceProcAddr g_next_instance = nullptr;
PFN_vkGetDeviceProcAddr g_next_device = nullptr;

// The result that this call of a function shall have.
VkResult FaultOf(std::string_view function) {
  static std::mutex mutex;
  static std::map<std::string, int, std::less<>> calls;
  static std::string counted_for;
  const char* const variable = std::getenv("INFEROMETER_FAULTS");
  std::string_view text = variable == nullptr ? "" : variable;
  const std::lock_guard lock(mutex);
  if (text != counted_for) {  // another test
    counted_for = text;
    calls.clear();
  }
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const auto next = [&word] {
      const std::string_view part = word.substr(0, word.find(':'));
      word.remove_prefix(std::min(part.size() + 1, word.size()));
      return part;
    };
    if (next() != function) continue;
    int first = 0;
    const std::string_view digits = next();
    std::from_chars(digits.data(), digits.data() + digits.size(), first);
    const std::string_view fault = next();
    const bool once = word == "once";
    const int call = calls.try_emplace(std::string(function), 0).first->second++;
    if (call < first || (once && call > first)) return VK_SUCCESS;
    if (fault == "device-lost") return VK_ERROR_DEVICE_LOST;
    if (fault == "out-of-memory") return VK_ERROR_OUT_OF_DEVICE_MEMORY;
    if (fault == "out-of-host-memory") return VK_ERROR_OUT_OF_HOST_MEMORY;
    if (fault == "timeout") return VK_TIMEOUT;
    return VK_ERROR_INITIALIZATION_FAILED;
  }
  return VK_SUCCESS;
}

template <typename Function>
Function Next(VkDevice device, const char* name) {
  return reinterpret_cast<Function>(g_next_device(device, name));
}

// Calls on queues name no device; the tests have one.
VkDevice g_device = VK_NULL_HANDLE;
VkInstance g_instance = VK_NULL_HANDLE;

VKAPI_ATTR VkResult VKAPI_CALL AllocateMemory(VkDevice device, const VkMemoryAllocateInfo* info,
                                              const VkAllocationCallbacks* callbacks,
                                              VkDeviceMemory* memory) {
  if (const VkResult fault = FaultOf("AllocateMemory"); fault != VK_SUCCESS) return fault;
  return Next<PFN_vkAllocateMemory>(device, "vkAllocateMemory")(device, info, callbacks, memory);
}
VKAPI_ATTR VkResult VKAPI_CALL CreateComputePipelines(VkDevice device, VkPipelineCache cache,
                                                      std::uint32_t count,
                                                      const VkComputePipelineCreateInfo* infos,
                                                      const VkAllocationCallbacks* callbacks,
                                                      VkPipeline* pipelines) {
  if (const VkResult fault = FaultOf("CreateComputePipelines"); fault != VK_SUCCESS) return fault;
  return Next<PFN_vkCreateComputePipelines>(device, "vkCreateComputePipelines")(
      device, cache, count, infos, callbacks, pipelines);
}
VKAPI_ATTR VkResult VKAPI_CALL MapMemory(VkDevice device, VkDeviceMemory memory,
                                         VkDeviceSize offset, VkDeviceSize size,
                                         VkMemoryMapFlags flags, void** to) {
  if (const VkResult fault = FaultOf("MapMemory"); fault != VK_SUCCESS) return fault;
  return Next<PFN_vkMapMemory>(device, "vkMapMemory")(device, memory, offset, size, flags, to);
}
// Whether a device was given back, or memory of it, after it was said to hang: a driver may crash
// then. Shown by ending the program.
bool g_hung = false;
VKAPI_ATTR void VKAPI_CALL FreeMemory(VkDevice device, VkDeviceMemory memory,
                                      const VkAllocationCallbacks* callbacks) {
  if (g_hung) std::abort();
  Next<PFN_vkFreeMemory>(device, "vkFreeMemory")(device, memory, callbacks);
}
VKAPI_ATTR void VKAPI_CALL DestroyPipeline(VkDevice device, VkPipeline pipeline,
                                           const VkAllocationCallbacks* callbacks) {
  if (g_hung) std::abort();
  Next<PFN_vkDestroyPipeline>(device, "vkDestroyPipeline")(device, pipeline, callbacks);
}
VKAPI_ATTR void VKAPI_CALL DestroyDevice(VkDevice device, const VkAllocationCallbacks* callbacks) {
  if (g_hung) std::abort();
  Next<PFN_vkDestroyDevice>(device, "vkDestroyDevice")(device, callbacks);
}
VKAPI_ATTR VkResult VKAPI_CALL WaitForFences(VkDevice device, std::uint32_t count,
                                             const VkFence* fences, VkBool32 all,
                                             std::uint64_t timeout) {
  // The driver ends its work in any case: what it still computes with is about to be freed.
  const VkResult result =
      Next<PFN_vkWaitForFences>(device, "vkWaitForFences")(device, count, fences, all, timeout);
  const VkResult fault = FaultOf("WaitForFences");
  if (fault == VK_TIMEOUT) g_hung = true;
  return fault == VK_SUCCESS ? result : fault;
}
VKAPI_ATTR VkResult VKAPI_CALL QueueSubmit(VkQueue queue, std::uint32_t count,
                                           const VkSubmitInfo* submits, VkFence fence) {
  if (const VkResult fault = FaultOf("QueueSubmit"); fault != VK_SUCCESS) return fault;
  return Next<PFN_vkQueueSubmit>(g_device, "vkQueueSubmit")(queue, count, submits, fence);
}

// The link of the chain that the loader built for us.
template <typename Link, VkStructureType kType>
Link* LinkOf(const void* chain) {
  for (auto* at = static_cast<const VkBaseInStructure*>(chain); at != nullptr; at = at->pNext) {
    auto* link = reinterpret_cast<Link*>(const_cast<VkBaseInStructure*>(at));
    if (at->sType == kType && link->function == VK_LAYER_LINK_INFO) return link;
  }
  return nullptr;
}

VKAPI_ATTR VkResult VKAPI_CALL CreateInstance(const VkInstanceCreateInfo* info,
                                              const VkAllocationCallbacks* callbacks,
                                              VkInstance* instance) {
  auto* link =
      LinkOf<VkLayerInstanceCreateInfo, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO>(info->pNext);
  if (link == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  g_next_instance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  if (const VkResult fault = FaultOf("CreateInstance"); fault != VK_SUCCESS) return fault;
  const VkResult result = reinterpret_cast<PFN_vkCreateInstance>(
      g_next_instance(VK_NULL_HANDLE, "vkCreateInstance"))(info, callbacks, instance);
  if (result == VK_SUCCESS) g_instance = *instance;
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL CreateDevice(VkPhysicalDevice physical,
                                            const VkDeviceCreateInfo* info,
                                            const VkAllocationCallbacks* callbacks,
                                            VkDevice* device) {
  auto* link =
      LinkOf<VkLayerDeviceCreateInfo, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO>(info->pNext);
  if (link == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  const auto next = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  g_next_device = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  if (const VkResult fault = FaultOf("CreateDevice"); fault != VK_SUCCESS) return fault;
  const VkResult result = reinterpret_cast<PFN_vkCreateDevice>(next(g_instance, "vkCreateDevice"))(
      physical, info, callbacks, device);
  if (result == VK_SUCCESS) {
    g_device = *device;
    g_hung = false;
  }
  return result;
}

#define INFEROMETER_OWN(name) \
  if (std::strcmp(wanted, "vk" #name) == 0) return reinterpret_cast<PFN_vkVoidFunction>(name);

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL GetDeviceProcAddr(VkDevice device, const char* wanted) {
  INFEROMETER_OWN(GetDeviceProcAddr)
  INFEROMETER_OWN(AllocateMemory)
  INFEROMETER_OWN(CreateComputePipelines)
  INFEROMETER_OWN(DestroyDevice)
  INFEROMETER_OWN(DestroyPipeline)
  INFEROMETER_OWN(FreeMemory)
  INFEROMETER_OWN(MapMemory)
  INFEROMETER_OWN(QueueSubmit)
  INFEROMETER_OWN(WaitForFences)
  return g_next_device(device, wanted);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL GetInstanceProcAddr(VkInstance instance,
                                                             const char* wanted) {
  INFEROMETER_OWN(GetInstanceProcAddr)
  INFEROMETER_OWN(GetDeviceProcAddr)
  INFEROMETER_OWN(CreateInstance)
  INFEROMETER_OWN(CreateDevice)
  return instance == VK_NULL_HANDLE ? nullptr : g_next_instance(instance, wanted);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the loader looks for this name
extern "C" __attribute__((visibility("default"))) VKAPI_ATTR VkResult VKAPI_CALL
vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface* version) {
  version->loaderLayerInterfaceVersion = 2;
  version->pfnGetInstanceProcAddr = GetInstanceProcAddr;
  version->pfnGetDeviceProcAddr = GetDeviceProcAddr;
  version->pfnGetPhysicalDeviceProcAddr = nullptr;
  return VK_SUCCESS;
}
