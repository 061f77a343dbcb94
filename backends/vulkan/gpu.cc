// Creates the logical device with what the shaders use and nothing more.
#include "backends/vulkan/gpu.h"

#include <fmt/format.h>

#include <type_traits>
#include <utility>
#include <vector>

#include "harness/base/error.h"

namespace inferometer::vulkan {
namespace {

template <typename Function>
struct Keeper;
template <typename... Arguments>
struct Keeper<void(VKAPI_PTR*)(Arguments...)> {
  static VKAPI_ATTR void VKAPI_CALL Nothing(Arguments...) {}
  static constexpr void(VKAPI_PTR* kNothing)(Arguments...) = Nothing;
};

// A driver's own watchdog comes long before: this one only keeps a hung device from being waited
// for without end.
constexpr std::uint64_t kTimeout_ns = 600'000'000'000;

// What a device that never answered may still use is never given back: destroying it while it is in
// use may crash the driver, and with it the rows of all other devices.
void GiveNothingBack(DeviceApi& api) {
  const auto keep = [](auto& function) {
    using Function = std::remove_reference_t<decltype(function)>;
    function = Keeper<Function>::kNothing;
  };
  keep(api.DestroyBuffer), keep(api.DestroyCommandPool), keep(api.DestroyDescriptorPool);
  keep(api.DestroyDescriptorSetLayout), keep(api.DestroyDevice), keep(api.DestroyFence);
  keep(api.DestroyPipeline), keep(api.DestroyPipelineCache), keep(api.DestroyPipelineLayout);
  keep(api.DestroyQueryPool), keep(api.DestroyShaderModule), keep(api.FreeCommandBuffers);
  keep(api.FreeMemory);
}

}  // namespace

Gpu::Gpu(std::shared_ptr<Instance> instance, VkPhysicalDevice physical, const Capabilities& can)
    : instance_(std::move(instance)), can_(can) {
  const InstanceApi& loader = instance_->api();
  loader.GetPhysicalDeviceMemoryProperties(physical, &memory_);
  std::vector<const char*> extensions;
  if (can.portability) extensions.push_back("VK_KHR_portability_subset");
  if (can.fp16_extension) extensions.push_back(VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME);
  if (can.dot_extension) extensions.push_back(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME);
  if (can.matrix) extensions.push_back(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME);

  VkPhysicalDeviceShaderFloat16Int8Features fp16 = {};
  fp16.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES;
  fp16.shaderFloat16 = VK_TRUE;
  VkPhysicalDeviceShaderIntegerDotProductFeatures dot = {};
  dot.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES;
  dot.shaderIntegerDotProduct = VK_TRUE;
  MatrixFeatures matrix;
  matrix.EnableAll();
  const float priority = 1;
  VkDeviceQueueCreateInfo queue = {};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueFamilyIndex = can.queue_family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  VkDeviceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  const void** tail = &info.pNext;
  if (can.fp16) *tail = &fp16, tail = const_cast<const void**>(&fp16.pNext);
  if (can.dot) *tail = &dot, tail = const_cast<const void**>(&dot.pNext);
  if (can.matrix) *tail = matrix.chain();
  Check(loader.CreateDevice(physical, &info, nullptr, &device_),
        fmt::format("cannot open {}", can.name));

  bool complete = true;
#define INFEROMETER_LOAD(name)                                                               \
  api_.name = reinterpret_cast<PFN_vk##name>(loader.GetDeviceProcAddr(device_, "vk" #name)); \
  complete &= api_.name != nullptr;
  INFEROMETER_VULKAN_DEVICE_FUNCTIONS(INFEROMETER_LOAD)
#undef INFEROMETER_LOAD
  if (!complete) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("vulkan: the driver of {} lacks functions of Vulkan 1.1", can.name));
  }
  try {
    api_.GetDeviceQueue(device_, can.queue_family, 0, &queue_);
    VkCommandPoolCreateInfo pool = {};
    pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
    pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
    pool.queueFamilyIndex = can.queue_family;
    Check(api_.CreateCommandPool(device_, &pool, nullptr, &pool_), "creating a command pool");
    VkFenceCreateInfo fence = {};
    fence.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
    Check(api_.CreateFence(device_, &fence, nullptr, &fence_), "creating a fence");
    once_ = NewCommandBuffer();
  } catch (...) {
    Destroy();
    throw;
  }
}

Gpu::~Gpu() { Destroy(); }

void Gpu::Destroy() {
  if (device_ == VK_NULL_HANDLE) return;
  if (!lost_) api_.DeviceWaitIdle(device_);
  if (fence_ != VK_NULL_HANDLE) api_.DestroyFence(device_, fence_, nullptr);
  if (pool_ != VK_NULL_HANDLE) api_.DestroyCommandPool(device_, pool_, nullptr);
  api_.DestroyDevice(device_, nullptr);
  device_ = VK_NULL_HANDLE;
}

VkCommandBuffer Gpu::NewCommandBuffer() const {
  VkCommandBufferAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  info.commandPool = pool_;
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  VkCommandBuffer commands = VK_NULL_HANDLE;
  Check(api_.AllocateCommandBuffers(device_, &info, &commands), "allocating a command buffer");
  return commands;
}

void Gpu::Begin(VkCommandBuffer commands) const {
  VkCommandBufferBeginInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  Check(api_.BeginCommandBuffer(commands, &info), "beginning a command buffer");
}

void Gpu::End(VkCommandBuffer commands) const {
  Check(api_.EndCommandBuffer(commands), "ending a command buffer");
}

void Gpu::Submit(std::span<const VkCommandBuffer> commands) {
  if (lost_) Fail(VK_ERROR_DEVICE_LOST, can_.name);
  submits_.clear();
  for (const VkCommandBuffer& each : commands) {
    VkSubmitInfo& info = submits_.emplace_back();
    info = {};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.commandBufferCount = 1;
    info.pCommandBuffers = &each;
  }
  VkResult result = api_.QueueSubmit(queue_, static_cast<std::uint32_t>(submits_.size()),
                                     submits_.data(), fence_);
  if (result == VK_SUCCESS) {
    result = api_.WaitForFences(device_, 1, &fence_, VK_TRUE, kTimeout_ns);
  }
  if (result == VK_SUCCESS) result = api_.ResetFences(device_, 1, &fence_);
  if (result == VK_ERROR_DEVICE_LOST || result == VK_TIMEOUT) {
    lost_ = true;  // nothing that it holds can be trusted or waited for
    if (result == VK_TIMEOUT) {
      GiveNothingBack(api_);
      static auto* const kept = new std::vector<std::shared_ptr<Instance>>;
      kept->push_back(instance_);
    }
    Fail(VK_ERROR_DEVICE_LOST, can_.name);
  }
  Check(result, "running commands");
}

void Gpu::RunOnce(const std::function<void(VkCommandBuffer)>& record) {
  Check(api_.ResetCommandBuffer(once_, 0), "resetting a command buffer");
  Begin(once_);
  record(once_);
  End(once_);
  Submit({&once_, 1});
}

}  // namespace inferometer::vulkan
