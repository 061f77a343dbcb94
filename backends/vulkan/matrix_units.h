// Units of a device that multiply small matrices (VK_KHR_cooperative_matrix), and the tiles of a
// matrix that they work on.
#ifndef INFEROMETER_BACKENDS_VULKAN_MATRIX_UNITS_H_
#define INFEROMETER_BACKENDS_VULKAN_MATRIX_UNITS_H_

#include <cstdint>
#include <span>

#include "backends/vulkan/api.h"
#include "backends/vulkan/cooperative_matrix_api.h"

namespace inferometer::vulkan {

// What a subgroup of `lanes` multiplies at once: m x k times k x n in fp16, summed in fp32.
struct MatrixUnit {
  std::uint32_t m = 0, n = 0, k = 0;
  std::uint32_t lanes = 0;  // 0: there is no such unit
  bool operator==(const MatrixUnit&) const = default;
};

// What such shaders need of a device besides arithmetic in fp16, as chains for Vulkan: features,
// which are asked for or enabled, and properties.
struct MatrixFeatures {
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrix = {};
  VkPhysicalDeviceVulkanMemoryModelFeatures memory_model = {};
  VkPhysicalDeviceSubgroupSizeControlFeatures size_control = {};
  VkPhysicalDeviceSubgroupSizeControlProperties sizes = {};

  MatrixFeatures();
  MatrixFeatures(const MatrixFeatures&) = delete;
  MatrixFeatures& operator=(const MatrixFeatures&) = delete;
  void* chain() { return &matrix; }
  void EnableAll();
};

// A stage that runs in whole subgroups of the unit's size. `size` stays in the chain of `stage`.
void RequireLanes(const MatrixUnit& unit, VkPipelineShaderStageCreateInfo& stage,
                  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo& size);

// How the subgroups of a workgroup of gemm_matrix.comp stand, and what each sums in registers.
struct MatrixTile {
  std::uint32_t subgroup_rows = 0, subgroup_columns = 0;
  std::uint32_t row_fragments = 0, column_fragments = 0;
  // Of a workgroup.
  std::uint32_t Threads(const MatrixUnit& unit) const;
  std::uint32_t Rows(const MatrixUnit& unit) const;
  std::uint32_t Columns(const MatrixUnit& unit) const;
  std::uint32_t SharedBytes(const MatrixUnit& unit) const;
  // Whether the products that are stored at a time fit where rows and columns stood.
  bool StoresInPlace(const MatrixUnit& unit) const;
};

// The tile for a device whose workgroups have up to `most_invocations`.
MatrixTile TileOf(const MatrixUnit& unit, std::uint32_t most_invocations);

// The largest of the units that multiply fp16 into fp32 and whose tiles fit; none when none does.
// `lanes`: the size of a subgroup.
MatrixUnit ChooseUnit(std::span<const VkCooperativeMatrixPropertiesKHR> offered,
                      std::uint32_t lanes, std::uint32_t most_invocations,
                      std::uint32_t shared_bytes);

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_MATRIX_UNITS_H_
