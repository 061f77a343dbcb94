// What a SPIR-V module asks of a device, read from its words.
#ifndef INFEROMETER_TESTS_BACKENDS_VULKAN_SPIRV_H_
#define INFEROMETER_TESTS_BACKENDS_VULKAN_SPIRV_H_

#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::vulkan {

struct SpirvNeeds {
  std::uint32_t version = 0;             // 0x00010300 is 1.3
  std::set<std::uint32_t> capabilities;  // by number
  std::vector<std::string> extensions;   // "SPV_KHR_integer_dot_product"
  std::array<std::uint32_t, 3> workgroup{1, 1, 1};
  std::uint64_t shared_bytes = 0;  // of all variables of the workgroup
  std::uint32_t push_bytes = 0;
  std::set<std::pair<std::uint32_t, std::uint32_t>> bindings;  // (set, binding)
};

// Numbers of SPIR-V's enum Capability.
inline constexpr std::uint32_t kShader = 1, kGroupNonUniform = 61, kGroupNonUniformVote = 62,
                               kGroupNonUniformArithmetic = 63;

// `constants`: the specialization constant with constant_id i is constants[i]; those beyond keep
// what the module says. Throws std::runtime_error naming what is no SPIR-V or is not understood.
SpirvNeeds ReadSpirv(std::span<const std::uint32_t> words,
                     std::span<const std::uint32_t> constants);

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_TESTS_BACKENDS_VULKAN_SPIRV_H_
