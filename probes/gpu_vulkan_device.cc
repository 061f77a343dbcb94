// Everything that one Vulkan device tells. Specification: Vulkan 1.3, chapters 33 to 35.
#if INFEROMETER_HAVE_VULKAN_HEADERS

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "probes/gpu_driver.h"
#include "probes/gpu_vulkan.h"
#include "probes/gpu_vulkan_matrix.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

// Each vendor packs the number in its own way (vulkan.gpuinfo.org's table of the packings).
std::string DriverVersion(std::uint32_t version, std::uint32_t vendor) {
  if (vendor == 0x10de) {
    return std::to_string(version >> 22) + "." + std::to_string(version >> 14 & 0xff) + "." +
           std::to_string(version >> 6 & 0xff) + "." + std::to_string(version & 0x3f);
  }
#if defined(_WIN32)
  if (vendor == 0x8086)
    return std::to_string(version >> 14) + "." + std::to_string(version & 0x3fff);
#endif
  return VulkanVersion(version);
}

// A driver may put anything there, also what is no value of the enumeration.
template <typename Enum>
std::uint32_t Raw(const Enum& value) {
  std::uint32_t raw = 0;
  static_assert(sizeof raw == sizeof value);
  std::memcpy(&raw, &value, sizeof raw);
  return raw;
}

const char* TypeOf(std::uint32_t type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return "integrated";
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return "discrete";
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return "virtual";
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return "cpu";
    default:
      return "other";
  }
}

// A chain of structures that a driver fills; only those are in it that the device knows.
class Chain {
 public:
  explicit Chain(void* head) : last_(static_cast<VkBaseOutStructure*>(head)) {}
  template <typename T>
  void Add(bool known, T& part) {
    if (!known) return;
    last_->pNext = reinterpret_cast<VkBaseOutStructure*>(&part);
    last_ = last_->pNext;
  }

 private:
  VkBaseOutStructure* last_;
};

template <typename T>
T Of(VkStructureType type) {
  T part = {};
  part.sType = type;
  return part;
}

class Gpu {
 public:
  Gpu(const VulkanFunctions& vulkan, VkPhysicalDevice device) : vulkan_(vulkan), device_(device) {
    vulkan.Find<PFN_vkGetPhysicalDeviceProperties>("vkGetPhysicalDeviceProperties")(device,
                                                                                    &plain_);
    const auto list = vulkan.Find<PFN_vkEnumerateDeviceExtensionProperties>(
        "vkEnumerateDeviceExtensionProperties");
    std::uint32_t count = 0;
    list(device, nullptr, &count, nullptr);
    count = std::min(count, kMostVulkanExtensions);
    std::vector<VkExtensionProperties> found(count);
    if (list(device, nullptr, &count, found.data()) < 0) count = 0;
    found.resize(std::min<std::size_t>(count, found.size()));
    for (const VkExtensionProperties& one : found)
      extensions_.insert(DriverText(one.extensionName));
  }

  Json Describe() {
    Basics();
    const auto get =
        vulkan_.Find<PFN_vkGetPhysicalDeviceProperties2>("vkGetPhysicalDeviceProperties2");
    if (get != nullptr && At(1)) {
      Properties(get);
      Features(vulkan_.Find<PFN_vkGetPhysicalDeviceFeatures2>("vkGetPhysicalDeviceFeatures2"));
      Memory(vulkan_.Find<PFN_vkGetPhysicalDeviceMemoryProperties2>(
          "vkGetPhysicalDeviceMemoryProperties2"));
    }
    Queues();
    row_["cooperative_matrix"] = Has("VK_KHR_cooperative_matrix")
                                     ? CooperativeMatrices(vulkan_.get, vulkan_.instance, device_)
                                     : Json::array();
    row_["extensions"] = extensions_;
    return std::move(row_);
  }

 private:
  bool At(std::uint32_t minor) const {
    return plain_.apiVersion >= VK_MAKE_API_VERSION(0, 1, minor, 0);
  }
  bool Has(const char* extension) const { return extensions_.contains(extension); }

  void Basics() {
    const VkPhysicalDeviceLimits& limits = plain_.limits;
    const std::string name = DriverText(plain_.deviceName);
    row_ = {
        {"name", name},
        {"vendor_id", PciId(plain_.vendorID)},
        {"device_id", PciId(plain_.deviceID)},
        {"api_version", VulkanVersion(plain_.apiVersion)},
        {"driver_version", DriverVersion(plain_.driverVersion, plain_.vendorID)},
        {"type", TypeOf(Raw(plain_.deviceType))},
        {"software", Raw(plain_.deviceType) == VK_PHYSICAL_DEVICE_TYPE_CPU || IsSoftwareName(name)},
        {"shared_memory_bytes", limits.maxComputeSharedMemorySize},
        {"max_workgroup_invocations", limits.maxComputeWorkGroupInvocations},
        {"max_workgroup_size", limits.maxComputeWorkGroupSize},
        {"max_workgroup_count", limits.maxComputeWorkGroupCount},
        {"push_constants_bytes", limits.maxPushConstantsSize},
        {"max_storage_buffer_range_bytes", limits.maxStorageBufferRange},
        {"storage_buffer_alignment_bytes", limits.minStorageBufferOffsetAlignment},
        {"timestamp_period_ns", limits.timestampPeriod},
        {"timestamps_on_all_queues", limits.timestampComputeAndGraphics == VK_TRUE}};
  }

  void Properties(PFN_vkGetPhysicalDeviceProperties2 get) {
    auto all = Of<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    auto id = Of<VkPhysicalDeviceIDProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES);
    auto subgroup = Of<VkPhysicalDeviceSubgroupProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES);
    auto allocation = Of<VkPhysicalDeviceMaintenance3Properties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES);
    auto buffer = Of<VkPhysicalDeviceMaintenance4Properties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES);
    auto driver =
        Of<VkPhysicalDeviceDriverProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES);
    auto sizes = Of<VkPhysicalDeviceSubgroupSizeControlProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES);
    auto dot = Of<VkPhysicalDeviceShaderIntegerDotProductProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES);
    auto pci = Of<VkPhysicalDevicePCIBusInfoPropertiesEXT>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT);
    auto drm =
        Of<VkPhysicalDeviceDrmPropertiesEXT>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRM_PROPERTIES_EXT);
    const bool has_buffer = At(3) || Has("VK_KHR_maintenance4"),
               has_driver = At(2) || Has("VK_KHR_driver_properties"),
               has_sizes = At(3) || Has("VK_EXT_subgroup_size_control"),
               has_dot = At(3) || Has("VK_KHR_shader_integer_dot_product"),
               has_pci = Has("VK_EXT_pci_bus_info"), has_drm = Has("VK_EXT_physical_device_drm");
    Chain chain(&all);
    chain.Add(true, id);
    chain.Add(true, subgroup);
    chain.Add(true, allocation);
    chain.Add(has_buffer, buffer);
    chain.Add(has_driver, driver);
    chain.Add(has_sizes, sizes);
    chain.Add(has_dot, dot);
    chain.Add(has_pci, pci);
    chain.Add(has_drm, drm);
    get(device_, &all);

    row_["subgroup_size"] = subgroup.subgroupSize;
    row_["subgroup_in_compute"] = (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
    row_["subgroup_operations"] = SubgroupOperations(subgroup.supportedOperations);
    row_["max_allocation_bytes"] = allocation.maxMemoryAllocationSize;
    if (has_buffer) row_["max_buffer_bytes"] = buffer.maxBufferSize;
    if (has_sizes) {
      row_["subgroup_size_min"] = sizes.minSubgroupSize;
      row_["subgroup_size_max"] = sizes.maxSubgroupSize;
    }
    if (has_driver) {
      row_["driver_name"] = DriverText(driver.driverName);
      row_["driver_info"] = DriverText(driver.driverInfo);
      row_["software"] = row_["software"] == true ||
                         Raw(driver.driverID) == VK_DRIVER_ID_MESA_LLVMPIPE ||
                         Raw(driver.driverID) == VK_DRIVER_ID_GOOGLE_SWIFTSHADER;
    }
    if (has_dot) {
      row_["dot_int8_accelerated"] = dot.integerDotProduct8BitSignedAccelerated == VK_TRUE;
      row_["dot_int8_packed_accelerated"] =
          dot.integerDotProduct4x8BitPackedSignedAccelerated == VK_TRUE;
      row_["dot_int8_mixed_sign_accelerated"] =
          dot.integerDotProduct4x8BitPackedMixedSignednessAccelerated == VK_TRUE;
    }
    Json& identity = row_["identity"];
    identity = {{"uuid", HexOf(id.deviceUUID, VK_UUID_SIZE)}};
    if (id.deviceLUIDValid == VK_TRUE) identity["luid"] = HexOf(id.deviceLUID, VK_LUID_SIZE);
    if (has_pci)
      row_["pci_address"] = PciAddress(pci.pciDomain, pci.pciBus, pci.pciDevice, pci.pciFunction);
    if (has_drm && drm.hasRender == VK_TRUE) row_["render_node"] = drm.renderMinor;
  }

  static Json SubgroupOperations(VkSubgroupFeatureFlags flags) {
    struct Operation {
      VkSubgroupFeatureFlagBits bit;
      const char* name;
    };
    Json names = Json::array();
    for (const auto& [bit, name] : std::initializer_list<Operation>{
             {VK_SUBGROUP_FEATURE_BASIC_BIT, "basic"},
             {VK_SUBGROUP_FEATURE_VOTE_BIT, "vote"},
             {VK_SUBGROUP_FEATURE_ARITHMETIC_BIT, "arithmetic"},
             {VK_SUBGROUP_FEATURE_BALLOT_BIT, "ballot"},
             {VK_SUBGROUP_FEATURE_SHUFFLE_BIT, "shuffle"},
             {VK_SUBGROUP_FEATURE_SHUFFLE_RELATIVE_BIT, "shuffle_relative"},
             {VK_SUBGROUP_FEATURE_CLUSTERED_BIT, "clustered"},
             {VK_SUBGROUP_FEATURE_QUAD_BIT, "quad"}}) {
      if ((flags & bit) != 0) names.push_back(name);
    }
    return names;
  }

  void Features(PFN_vkGetPhysicalDeviceFeatures2 get) {
    if (get == nullptr) return;
    auto all = Of<VkPhysicalDeviceFeatures2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2);
    auto storage16 = Of<VkPhysicalDevice16BitStorageFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES);
    auto storage8 = Of<VkPhysicalDevice8BitStorageFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES);
    auto small = Of<VkPhysicalDeviceShaderFloat16Int8Features>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES);
    auto dot = Of<VkPhysicalDeviceShaderIntegerDotProductFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES);
    auto sizes = Of<VkPhysicalDeviceSubgroupSizeControlFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES);
    auto address = Of<VkPhysicalDeviceBufferDeviceAddressFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_BUFFER_DEVICE_ADDRESS_FEATURES);
    Chain chain(&all);
    chain.Add(true, storage16);
    chain.Add(At(2) || Has("VK_KHR_8bit_storage"), storage8);
    chain.Add(At(2) || Has("VK_KHR_shader_float16_int8"), small);
    chain.Add(At(3) || Has("VK_KHR_shader_integer_dot_product"), dot);
    chain.Add(At(3) || Has("VK_EXT_subgroup_size_control"), sizes);
    chain.Add(At(2) || Has("VK_KHR_buffer_device_address"), address);
    get(device_, &all);
    row_["storage_16bit"] = storage16.storageBuffer16BitAccess == VK_TRUE;
    row_["storage_8bit"] = storage8.storageBuffer8BitAccess == VK_TRUE;
    row_["fp16"] = small.shaderFloat16 == VK_TRUE;
    row_["int8"] = small.shaderInt8 == VK_TRUE;
    row_["int16"] = all.features.shaderInt16 == VK_TRUE;
    row_["int64"] = all.features.shaderInt64 == VK_TRUE;
    row_["fp64"] = all.features.shaderFloat64 == VK_TRUE;
    row_["dot_product"] = dot.shaderIntegerDotProduct == VK_TRUE;
    row_["subgroup_size_control"] = sizes.subgroupSizeControl == VK_TRUE;
    row_["full_subgroups"] = sizes.computeFullSubgroups == VK_TRUE;
    row_["buffer_device_address"] = address.bufferDeviceAddress == VK_TRUE;
  }

  void Memory(PFN_vkGetPhysicalDeviceMemoryProperties2 get) {
    if (get == nullptr) return;
    auto all = Of<VkPhysicalDeviceMemoryProperties2>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2);
    auto budget = Of<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
    const bool has_budget = Has("VK_EXT_memory_budget");
    Chain(&all).Add(has_budget, budget);
    get(device_, &all);
    const VkPhysicalDeviceMemoryProperties& memory = all.memoryProperties;
    Json heaps = Json::array();
    const auto count = std::min<std::uint32_t>(memory.memoryHeapCount, VK_MAX_MEMORY_HEAPS);
    for (std::uint32_t i = 0; i < count; ++i) {
      VkMemoryPropertyFlags flags = 0;
      for (std::uint32_t k = 0;
           k < std::min<std::uint32_t>(memory.memoryTypeCount, VK_MAX_MEMORY_TYPES); ++k) {
        if (memory.memoryTypes[k].heapIndex == i) flags |= memory.memoryTypes[k].propertyFlags;
      }
      const VkMemoryHeap& heap = memory.memoryHeaps[i];
      heaps.push_back({{"size_bytes", heap.size},
                       {"budget_bytes", has_budget ? Json(budget.heapBudget[i]) : Json(nullptr)},
                       {"device_local", (heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0},
                       {"host_visible", (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0}});
    }
    row_["heaps"] = std::move(heaps);
  }

  void Queues() {
    const auto get = vulkan_.Find<PFN_vkGetPhysicalDeviceQueueFamilyProperties>(
        "vkGetPhysicalDeviceQueueFamilyProperties");
    std::uint32_t count = 0;
    get(device_, &count, nullptr);
    count = std::min<std::uint32_t>(count, 64);
    std::vector<VkQueueFamilyProperties> families(count);
    get(device_, &count, families.data());
    Json rows = Json::array();
    for (const VkQueueFamilyProperties& family : families) {
      rows.push_back({{"compute", (family.queueFlags & VK_QUEUE_COMPUTE_BIT) != 0},
                      {"graphics", (family.queueFlags & VK_QUEUE_GRAPHICS_BIT) != 0},
                      {"transfer", (family.queueFlags & VK_QUEUE_TRANSFER_BIT) != 0},
                      {"count", family.queueCount},
                      {"timestamp_bits", family.timestampValidBits}});
    }
    row_["queues"] = std::move(rows);
  }

  const VulkanFunctions& vulkan_;
  VkPhysicalDevice device_;
  VkPhysicalDeviceProperties plain_ = {};
  std::set<std::string> extensions_;
  Json row_;
};

}  // namespace

Json DescribeVulkanDevice(const VulkanFunctions& vulkan, VkPhysicalDevice device) {
  return Gpu(vulkan, device).Describe();
}

}  // namespace inferometer

#endif
