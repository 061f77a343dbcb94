// Features that are switched off, and limits made smaller, so that every path of the shaders can be
// tried on any device, and a driver's broken feature be left out.
#ifndef INFEROMETER_BACKENDS_VULKAN_OVERRIDES_H_
#define INFEROMETER_BACKENDS_VULKAN_OVERRIDES_H_

#include <cstdint>
#include <string_view>

namespace inferometer::vulkan {

struct Overrides {
  bool subgroup = true;         // subgroup arithmetic
  bool fp16 = true;             // arithmetic in binary16
  bool dot = true;              // packed integer dot products
  bool matrix = true;           // units that multiply small matrices
  bool lanes = true;            // shaders for drivers that compute on the processor
  bool unified = true;          // device memory written by the host where it can be
  bool slow_dot = false;        // packed integer dot products even where they are no faster
  bool slow_matrix = false;     // small matrices even on drivers that compute on the processor
  std::uint32_t workgroup = 0;  // invocations of a workgroup that may have any size; 0: by device
  std::uint64_t range = 0;      // most bytes of a bound buffer; 0: the device's
};

// "no-subgroup no-fp16 workgroup=64": words apart by spaces or commas. Throws Error naming an
// unknown word and the known ones.
Overrides ParseOverrides(std::string_view text);

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_OVERRIDES_H_
