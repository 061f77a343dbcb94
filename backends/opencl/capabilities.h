// What a device can do, asked once: all choices are made by it and by nothing else.
#ifndef INFEROMETER_BACKENDS_OPENCL_CAPABILITIES_H_
#define INFEROMETER_BACKENDS_OPENCL_CAPABILITIES_H_

#include <cstdint>
#include <string>

#include "backends/opencl/loader.h"
#include "backends/opencl/overrides.h"

namespace inferometer::opencl {

struct Capabilities {
  std::string name, driver, platform;
  bool software = false;   // computes on the processor
  bool wide = false;       // Path::kWide, else Path::kGroup
  bool unified = false;    // buffers are the host's memory
  bool subgroup = false;   // cl_khr_subgroups or cl_intel_subgroups
  bool fp16 = false;       // arithmetic: cl_khr_fp16
  bool dot = false;        // cl_khr_integer_dot_product, packed, in hardware
  bool fma = false;        // a fused multiply-add is as fast as a multiplication
  bool builtin = true;     // see Overrides
  bool tuning = true;      // see Overrides
  bool language3 = false;  // compiles with -cl-std=CL3.0
  std::uint32_t units = 1;
  std::uint32_t most_items = 1;  // of a group
  std::uint64_t local_bytes = 0;
  std::uint64_t most_range = 0;  // bytes of a buffer of weights
  std::uint64_t most_allocation = 0;
  std::uint64_t memory_bytes = 0;
};

std::string PlatformName(const Functions& cl, cl_platform_id platform);

// Why the device cannot be used at all goes to `why_not`, which is empty otherwise.
Capabilities ReadCapabilities(const Functions& cl, cl_platform_id platform, cl_device_id device,
                              const Overrides& overrides, std::string& why_not);

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_CAPABILITIES_H_
