// What a device can do, asked once: all choices are made by it and by nothing else.
#ifndef INFEROMETER_BACKENDS_VULKAN_CAPABILITIES_H_
#define INFEROMETER_BACKENDS_VULKAN_CAPABILITIES_H_

#include <array>
#include <cstdint>
#include <string>

#include "backends/vulkan/instance.h"
#include "backends/vulkan/matrix_units.h"
#include "backends/vulkan/overrides.h"

namespace inferometer::vulkan {

struct Capabilities {
  std::string name, driver;
  std::uint32_t api_version = 0, vendor_id = 0, device_id = 0, driver_version = 0;
  std::array<std::uint8_t, VK_UUID_SIZE> cache_uuid{};
  bool software = false;  // computes on the processor
  bool unified = false;   // the largest device memory can be written by the host
  bool subgroup = false;  // subgroup arithmetic in compute shaders
  std::uint32_t subgroup_size = 1;
  bool lanes = false;            // subgroups of 8 on the processor: see lanes.comp
  bool fp16 = false;             // arithmetic
  bool dot = false;              // packed int8 dot products
  bool dot_accelerated = false;  // in hardware; elsewhere they are slower than floats
  bool matrix = false;           // many columns are multiplied by units for small matrices
  MatrixUnit matrix_unit;
  std::string why_no_matrix;          // in words; empty where `matrix`
  std::uint32_t workgroup = 64;       // invocations, where a shader takes any number
  std::uint32_t most_groups = 65535;  // in x
  std::uint32_t most_invocations = 128, shared_bytes = 16384, push_bytes = 128;
  std::uint64_t most_range = 0;       // bytes of a bound storage buffer
  std::uint64_t most_allocation = 0;  // bytes
  std::uint64_t offset_alignment = 256;
  std::uint64_t heap_bytes = 0;  // of the memory that tensors live in
  double timestamp_s = 0;        // of one tick; 0: no timestamps
  std::uint64_t timestamp_mask = 0;
  std::uint32_t queue_family = 0;
  // Extensions to enable for fp16 and dot where they are not of the device's version.
  bool fp16_extension = false, dot_extension = false, portability = false;
};

// Why the device cannot be used at all goes to `why_not`, which is empty otherwise.
Capabilities ReadCapabilities(const Instance& instance, VkPhysicalDevice device,
                              const Overrides& overrides, std::string& why_not);

// The index of a memory type that `allowed` permits and that has all of `wanted`; -1 when none has.
int FindMemoryType(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t allowed,
                   VkMemoryPropertyFlags wanted);

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_CAPABILITIES_H_
