// All backends, one line each.
#include "backends/cpu/cpu.h"
#include "backends/device.h"
#include "backends/opencl/opencl.h"

namespace inferometer {

std::span<const Backend> Backends() {
  static constexpr Backend kBackends[] = {
      {"cpu", cpu::OpenDevices, cpu::WhyNone},
      {"opencl", opencl::OpenDevices, opencl::WhyNone},
  };
  return kBackends;
}

}  // namespace inferometer
