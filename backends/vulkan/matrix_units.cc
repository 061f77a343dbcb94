// Chooses a unit and the tiles for it.
#include "backends/vulkan/matrix_units.h"

#include <algorithm>

#include "backends/vulkan/shaders/interface.h"

namespace inferometer::vulkan {
namespace {

// A workgroup of four subgroups of 64 x 32 results each computes 128 x 64. Its 128 rows and 64
// columns stand in shared memory at 80 bytes each: 15 KiB of the 16 that every device has
// (Vulkan 1.1, table of required limits, maxComputeSharedMemorySize). For each value of depth a
// subgroup loads 96 halves and makes 2048 products, 21 of each half; with 32 x 32 it would be 16.
constexpr std::uint32_t kMostSubgroups = 4, kRowsEach = 64, kColumnsEach = 32;
// Sums in registers of a lane: with as many for rows, columns and addresses half of the 256 that
// today's GPUs give a lane, so that two subgroups can take turns.
constexpr std::uint32_t kMostSums = 64;
constexpr std::uint32_t kHalvesOfVector = 8;
constexpr std::uint32_t kVectorBytes = 16;

bool Divides(std::uint32_t part, std::uint32_t whole) { return part > 0 && whole % part == 0; }

}  // namespace

MatrixFeatures::MatrixFeatures() {
  matrix.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR;
  memory_model.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES;
  size_control.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES;
  sizes.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES;
  matrix.pNext = &memory_model;
  memory_model.pNext = &size_control;
}

void MatrixFeatures::EnableAll() {
  matrix.cooperativeMatrix = memory_model.vulkanMemoryModel = VK_TRUE;
  size_control.subgroupSizeControl = size_control.computeFullSubgroups = VK_TRUE;
}

void RequireLanes(const MatrixUnit& unit, VkPipelineShaderStageCreateInfo& stage,
                  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo& size) {
  size.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO;
  size.requiredSubgroupSize = unit.lanes;
  stage.flags |= VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
  stage.pNext = &size;
}

std::uint32_t MatrixTile::Threads(const MatrixUnit& unit) const {
  return subgroup_rows * subgroup_columns * unit.lanes;
}
std::uint32_t MatrixTile::Rows(const MatrixUnit& unit) const {
  return subgroup_rows * row_fragments * unit.m;
}
std::uint32_t MatrixTile::Columns(const MatrixUnit& unit) const {
  return subgroup_columns * column_fragments * unit.n;
}
std::uint32_t MatrixTile::SharedBytes(const MatrixUnit& unit) const {
  return (Rows(unit) + Columns(unit)) * MATRIX_STRIDE * kVectorBytes;
}
bool MatrixTile::StoresInPlace(const MatrixUnit& unit) const {
  const std::uint32_t product_bytes = unit.m * unit.n * 4;
  return subgroup_rows * subgroup_columns * product_bytes <= SharedBytes(unit);
}

MatrixTile TileOf(const MatrixUnit& unit, std::uint32_t most_invocations) {
  std::uint32_t rows = std::max(kRowsEach, unit.m), columns = std::max(kColumnsEach, unit.n);
  while (rows * columns > kMostSums * unit.lanes) {
    // The longer side, as long as it is more than one unit.
    const bool from_rows = rows > unit.m && (rows >= columns || columns <= unit.n);
    std::uint32_t& side = from_rows ? rows : columns;
    if (!from_rows && columns <= unit.n) break;
    side /= 2;
  }
  MatrixTile tile{1, 1, std::max(rows / unit.m, 1u), std::max(columns / unit.n, 1u)};
  const std::uint32_t most = std::min(most_invocations / unit.lanes, kMostSubgroups);
  if (most >= 2) tile.subgroup_rows = 2;
  if (most >= 4) tile.subgroup_columns = 2;
  return tile;
}

MatrixUnit ChooseUnit(std::span<const VkCooperativeMatrixPropertiesKHR> offered,
                      std::uint32_t lanes, std::uint32_t most_invocations,
                      std::uint32_t shared_bytes) {
  MatrixUnit best;
  for (const VkCooperativeMatrixPropertiesKHR& each : offered) {
    const bool halves = each.AType == VK_COMPONENT_TYPE_FLOAT16_KHR &&
                        each.BType == VK_COMPONENT_TYPE_FLOAT16_KHR &&
                        each.CType == VK_COMPONENT_TYPE_FLOAT32_KHR &&
                        each.ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR;
    if (!halves || each.scope != VK_SCOPE_SUBGROUP_KHR || each.saturatingAccumulation == VK_TRUE) {
      continue;
    }
    // The shader walks the depth in whole units, and rows and results in vectors of 16 bytes.
    const bool whole = Divides(each.KSize, MATRIX_DEPTH) && Divides(kHalvesOfVector, each.KSize) &&
                       Divides(4, each.MSize) && Divides(each.MSize, kRowsEach) &&
                       Divides(each.NSize, kColumnsEach);
    if (!whole || lanes == 0 || lanes > most_invocations) continue;
    const MatrixUnit unit{each.MSize, each.NSize, each.KSize, lanes};
    const MatrixTile tile = TileOf(unit, most_invocations);
    if (tile.SharedBytes(unit) > shared_bytes || !tile.StoresInPlace(unit)) continue;
    if (unit.m * unit.n * unit.k > best.m * best.n * best.k) best = unit;
  }
  return best;
}

}  // namespace inferometer::vulkan
