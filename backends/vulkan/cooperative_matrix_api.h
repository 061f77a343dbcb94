// What VK_KHR_cooperative_matrix adds to Vulkan, for headers older than it (1.3.255). Names and
// values are those of the Vulkan specification.
#ifndef INFEROMETER_BACKENDS_VULKAN_COOPERATIVE_MATRIX_API_H_
#define INFEROMETER_BACKENDS_VULKAN_COOPERATIVE_MATRIX_API_H_

#include <vulkan/vulkan_core.h>

#include <cstdint>

#ifndef VK_KHR_cooperative_matrix
// NOLINTBEGIN(readability-identifier-naming): the names are Vulkan's
#define VK_KHR_cooperative_matrix 1
#define VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME "VK_KHR_cooperative_matrix"

inline constexpr auto VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR =
    static_cast<VkStructureType>(1000506000);
inline constexpr auto VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR =
    static_cast<VkStructureType>(1000506001);

// As fields of the structures have it; both enumerations have 32 bits.
using VkComponentTypeKHR = std::uint32_t;
inline constexpr VkComponentTypeKHR VK_COMPONENT_TYPE_FLOAT16_KHR = 0;
inline constexpr VkComponentTypeKHR VK_COMPONENT_TYPE_FLOAT32_KHR = 1;
using VkScopeKHR = std::uint32_t;
inline constexpr VkScopeKHR VK_SCOPE_SUBGROUP_KHR = 3;

struct VkPhysicalDeviceCooperativeMatrixFeaturesKHR {
  VkStructureType sType;
  void* pNext;
  VkBool32 cooperativeMatrix;
  VkBool32 cooperativeMatrixRobustBufferAccess;
};

struct VkCooperativeMatrixPropertiesKHR {
  VkStructureType sType;
  void* pNext;
  std::uint32_t MSize, NSize, KSize;
  VkComponentTypeKHR AType, BType, CType, ResultType;
  VkBool32 saturatingAccumulation;
  VkScopeKHR scope;
};

using PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR = VkResult(VKAPI_PTR*)(
    VkPhysicalDevice device, std::uint32_t* count, VkCooperativeMatrixPropertiesKHR* properties);
// NOLINTEND(readability-identifier-naming)
#endif

#endif  // INFEROMETER_BACKENDS_VULKAN_COOPERATIVE_MATRIX_API_H_
