// Asks a device what it can do.
#include "backends/vulkan/capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "backends/vulkan/shaders.h"

namespace inferometer::vulkan {
namespace {

std::vector<VkExtensionProperties> ExtensionsOf(const InstanceApi& api, VkPhysicalDevice device) {
  std::uint32_t count = 0;
  if (api.EnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr) < 0) return {};
  std::vector<VkExtensionProperties> extensions(std::min<std::uint32_t>(count, 4096));
  count = static_cast<std::uint32_t>(extensions.size());
  if (api.EnumerateDeviceExtensionProperties(device, nullptr, &count, extensions.data()) < 0) {
    return {};
  }
  extensions.resize(count);
  return extensions;
}

bool Has(const std::vector<VkExtensionProperties>& extensions, std::string_view name) {
  return std::any_of(extensions.begin(), extensions.end(), [&](const VkExtensionProperties& e) {
    return name == std::string_view(e.extensionName, strnlen(e.extensionName, 256));
  });
}

template <std::size_t kSize>
std::string Text(const char (&text)[kSize]) {
  return std::string(text, strnlen(text, kSize));
}

// The heap of the best memory for tensors, and whether the host can write to it.
void ReadMemory(const VkPhysicalDeviceMemoryProperties& memory, Capabilities& to) {
  constexpr VkMemoryPropertyFlags kMapped =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
    const VkMemoryType& type = memory.memoryTypes[i];
    if ((type.propertyFlags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) == 0) continue;
    to.heap_bytes = std::max<std::uint64_t>(to.heap_bytes, memory.memoryHeaps[type.heapIndex].size);
  }
  // Memory of a discrete card may be visible to the host too, but reading it crosses the bus, so
  // that only what is cached counts.
  for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
    const VkMemoryType& type = memory.memoryTypes[i];
    constexpr VkMemoryPropertyFlags kShared =
        VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | kMapped | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
    to.unified |= (type.propertyFlags & kShared) == kShared &&
                  memory.memoryHeaps[type.heapIndex].size == to.heap_bytes;
  }
}

void ReadQueue(const InstanceApi& api, VkPhysicalDevice device, Capabilities& to,
               std::string& why_not) {
  std::uint32_t count = 64;
  std::vector<VkQueueFamilyProperties> families(count);
  api.GetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
  families.resize(count);
  int best = -1;
  for (std::size_t i = 0; i < families.size(); ++i) {
    if ((families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) == 0) continue;
    // A queue for compute alone is not held up by the desktop.
    const bool alone = (families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT) == 0;
    if (best < 0 || alone) best = static_cast<int>(i);
    if (alone) break;
  }
  if (best < 0) {
    why_not = "it has no queue that computes";
    return;
  }
  to.queue_family = static_cast<std::uint32_t>(best);
  const std::uint32_t bits = families[static_cast<std::size_t>(best)].timestampValidBits;
  if (bits == 0) to.timestamp_s = 0;
  to.timestamp_mask = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

// Which unit for small matrices the device has goes to `to`, or why it is not used.
void ReadMatrices(const InstanceApi& api, VkPhysicalDevice device, const MatrixFeatures& features,
                  const Overrides& overrides, Capabilities& to) {
  const auto ask = api.GetPhysicalDeviceCooperativeMatrixPropertiesKHR;
  const std::uint32_t lanes = to.subgroup_size;
  if (features.matrix.cooperativeMatrix != VK_TRUE || ask == nullptr) {
    to.why_no_matrix = "the driver offers none";
  } else if (!WhyNoMatrixShaders().empty()) {
    to.why_no_matrix = WhyNoMatrixShaders();
  } else if (!overrides.matrix) {
    to.why_no_matrix = "switched off";
  } else if (!to.fp16 || !to.subgroup) {
    to.why_no_matrix = fmt::format("no {}", to.fp16 ? "sums of subgroups" : "arithmetic in fp16");
  } else if (features.memory_model.vulkanMemoryModel != VK_TRUE) {
    to.why_no_matrix = "the driver does not follow Vulkan's memory model";
  } else if (features.size_control.subgroupSizeControl != VK_TRUE ||
             features.size_control.computeFullSubgroups != VK_TRUE ||
             (features.sizes.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) == 0 ||
             lanes < features.sizes.minSubgroupSize || lanes > features.sizes.maxSubgroupSize) {
    to.why_no_matrix = "the driver promises no size of subgroups";
  }
  if (!to.why_no_matrix.empty()) return;
  VkCooperativeMatrixPropertiesKHR blank = {};
  blank.sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
  std::uint32_t count = 0;
  if (ask(device, &count, nullptr) < 0) count = 0;
  std::vector<VkCooperativeMatrixPropertiesKHR> offered(std::min<std::uint32_t>(count, 4096),
                                                        blank);
  count = static_cast<std::uint32_t>(offered.size());
  if (count > 0 && ask(device, &count, offered.data()) < 0) count = 0;
  offered.resize(count);
  to.matrix_unit = ChooseUnit(offered, lanes, to.most_invocations, to.shared_bytes);
  if (to.matrix_unit.lanes == 0) {
    to.why_no_matrix = "the driver has none of fp16 summed in fp32 whose tiles fit";
  } else if (to.software && !overrides.slow_matrix) {
    to.why_no_matrix = "processors have none, and imitations are slow";
  }
  to.matrix = to.why_no_matrix.empty();
}

}  // namespace

int FindMemoryType(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t allowed,
                   VkMemoryPropertyFlags wanted) {
  for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
    if ((allowed >> i & 1) != 0 && (memory.memoryTypes[i].propertyFlags & wanted) == wanted) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

Capabilities ReadCapabilities(const Instance& instance, VkPhysicalDevice device,
                              const Overrides& overrides, std::string& why_not) {
  const InstanceApi& api = instance.api();
  Capabilities to;
  VkPhysicalDeviceProperties basic;
  api.GetPhysicalDeviceProperties(device, &basic);
  to.name = Text(basic.deviceName);
  to.api_version = basic.apiVersion;
  if (basic.apiVersion < VK_API_VERSION_1_1) {
    why_not = "it offers Vulkan 1.0 alone, and 1.1 is needed";
    return to;
  }
  const auto extensions = ExtensionsOf(api, device);
  const bool v12 = basic.apiVersion >= VK_API_VERSION_1_2;
  const bool v13 = basic.apiVersion >= VK_API_VERSION_1_3;

  VkPhysicalDeviceSubgroupProperties subgroup = {};
  subgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES;
  VkPhysicalDeviceMaintenance3Properties allocation = {};
  allocation.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES;
  VkPhysicalDeviceDriverProperties driver = {};
  driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
  VkPhysicalDeviceShaderIntegerDotProductProperties dot = {};
  dot.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES;
  VkPhysicalDeviceShaderFloat16Int8Features fp16 = {};
  fp16.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES;
  VkPhysicalDeviceShaderIntegerDotProductFeatures dot_feature = {};
  dot_feature.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES;

  VkPhysicalDeviceProperties2 properties = {};
  properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
  properties.pNext = &subgroup;
  subgroup.pNext = &allocation;
  const bool has_driver = v12 || Has(extensions, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME);
  const bool has_fp16 = v12 || Has(extensions, VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME);
  const bool has_dot = v13 || Has(extensions, VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME);
  // Its shaders are of Vulkan 1.2, and what they need besides is part of 1.3.
  const bool has_matrix = v13 && Has(extensions, VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME);
  MatrixFeatures matrix;
  void** tail = &allocation.pNext;
  if (has_driver) *tail = &driver, tail = &driver.pNext;
  if (has_dot) *tail = &dot, tail = &dot.pNext;
  if (has_matrix) *tail = &matrix.sizes;
  api.GetPhysicalDeviceProperties2(device, &properties);

  VkPhysicalDeviceFeatures2 features = {};
  features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  tail = &features.pNext;
  if (has_fp16) *tail = &fp16, tail = &fp16.pNext;
  if (has_dot) *tail = &dot_feature, tail = &dot_feature.pNext;
  if (has_matrix) *tail = matrix.chain();
  api.GetPhysicalDeviceFeatures2(device, &features);

  const VkPhysicalDeviceLimits& limits = properties.properties.limits;
  to.driver = has_driver ? Text(driver.driverName) + " " + Text(driver.driverInfo) : "";
  to.vendor_id = basic.vendorID;
  to.device_id = basic.deviceID;
  to.driver_version = basic.driverVersion;
  std::copy_n(basic.pipelineCacheUUID, VK_UUID_SIZE, to.cache_uuid.begin());
  to.software = basic.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
  constexpr VkSubgroupFeatureFlags kOperations =
      VK_SUBGROUP_FEATURE_BASIC_BIT | VK_SUBGROUP_FEATURE_ARITHMETIC_BIT;
  to.subgroup = overrides.subgroup && (subgroup.supportedOperations & kOperations) == kOperations &&
                (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0 &&
                subgroup.subgroupSize >= 4;
  to.subgroup_size = subgroup.subgroupSize;
  to.fp16 = overrides.fp16 && fp16.shaderFloat16 == VK_TRUE;
  to.dot = overrides.dot && dot_feature.shaderIntegerDotProduct == VK_TRUE;
  to.dot_accelerated = to.dot && (overrides.slow_dot ||
                                  dot.integerDotProduct4x8BitPackedSignedAccelerated == VK_TRUE);
  to.fp16_extension = to.fp16 && !v12;
  to.dot_extension = to.dot && !v13;
  to.portability = Has(extensions, "VK_KHR_portability_subset");
  to.most_invocations = limits.maxComputeWorkGroupInvocations;
  to.shared_bytes = limits.maxComputeSharedMemorySize;
  to.push_bytes = limits.maxPushConstantsSize;
  to.most_groups = std::min(limits.maxComputeWorkGroupCount[0], 65535u);
  to.most_range = limits.maxStorageBufferRange;
  if (overrides.range > 0) to.most_range = std::min(to.most_range, overrides.range);
  to.most_allocation = allocation.maxMemoryAllocationSize;
  to.offset_alignment = std::max<std::uint64_t>(limits.minStorageBufferOffsetAlignment, 64);
  ReadMatrices(api, device, matrix, overrides, to);
  // Other shaders read matrices whose rows do not take turns.
  to.lanes = overrides.lanes && to.software && to.subgroup && to.subgroup_size == 8 &&
             (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT) != 0 &&
             !to.dot_accelerated && !to.matrix;
  // What lanes.comp binds it reads as texels of 4 bytes, too.
  if (to.lanes) {
    to.most_range = std::min(to.most_range, std::uint64_t{4} * limits.maxTexelBufferElements);
  }
  to.timestamp_s = limits.timestampPeriod * 1e-9;
  // One subgroup needs no barrier; without subgroups 64 is what every device runs well.
  to.workgroup = to.subgroup ? std::clamp(to.subgroup_size, 8u, 64u) : 64;
  if (overrides.workgroup > 0) to.workgroup = overrides.workgroup;

  VkPhysicalDeviceMemoryProperties memory;
  api.GetPhysicalDeviceMemoryProperties(device, &memory);
  ReadMemory(memory, to);
  to.unified &= overrides.unified;
  ReadQueue(api, device, to, why_not);
  if (limits.maxComputeWorkGroupInvocations < 128 || limits.maxComputeWorkGroupSize[0] < 128) {
    why_not = "its workgroups have fewer than 128 invocations";
  } else if (limits.maxPerStageDescriptorStorageBuffers < MostBindings()) {
    why_not = fmt::format("its shaders see {} buffers at most, and {} are needed",
                          limits.maxPerStageDescriptorStorageBuffers, MostBindings());
  }
  return to;
}

}  // namespace inferometer::vulkan
