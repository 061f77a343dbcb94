// All backends, one line each.
#include "backends/cpu/cpu.h"
#include "backends/device.h"
#include "backends/opencl/opencl.h"
#include "backends/vulkan/vulkan.h"

namespace inferometer {

std::span<const Backend> Backends() {
  static constexpr Backend kBackends[] = {
      {"cpu", cpu::OpenDevices, cpu::WhyNone},
      {"vulkan", vulkan::OpenDevices, vulkan::WhyNone},
      {"opencl", opencl::OpenDevices, opencl::WhyNone},
  };
  return kBackends;
}

}  // namespace inferometer
