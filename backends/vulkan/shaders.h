// The shader library: every permutation that the build compiled, by name.
#ifndef INFEROMETER_BACKENDS_VULKAN_SHADERS_H_
#define INFEROMETER_BACKENDS_VULKAN_SHADERS_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace inferometer::vulkan {

struct Shader {
  std::string_view name;                 // "matvec.q4_k.subgroup": source, format and how it sums
  std::span<const std::uint32_t> words;  // SPIR-V
  int bindings;                          // storage buffers of set 0, from binding 0 on
  int texels = 0;                        // uniform texel buffers, behind them
  bool matrix = false;                   // needs units for small matrices, and whole subgroups
};

// Empty where no GLSL compiler was found when this was built.
std::span<const Shader> Shaders();
// Why none of them multiplies small matrices; empty where some do.
std::string_view WhyNoMatrixShaders();
const Shader* FindShader(std::string_view name);  // null when unknown
std::uint32_t MostBindings();                     // of any shader

// Bytes of push constants that every pipeline layout has: what every device offers (Vulkan 1.1,
// table of required limits, maxPushConstantsSize).
inline constexpr std::uint32_t kPushBytes = 128;

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_SHADERS_H_
