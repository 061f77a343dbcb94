// The OpenCL devices that tests run on, and why they are skipped where there are none.
#ifndef INFEROMETER_TESTS_BACKENDS_OPENCL_DRIVER_H_
#define INFEROMETER_TESTS_BACKENDS_OPENCL_DRIVER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <vector>

#include "backends/opencl/opencl.h"

namespace inferometer::opencl {

// The first device with these overrides; null where there is none.
inline std::unique_ptr<Device> FirstDevice(std::string_view overrides = "") {
  std::vector<std::unique_ptr<Device>> devices = OpenDevices(ParseOverrides(overrides));
  return devices.empty() ? nullptr : std::move(devices.front());
}

#define SKIP_WITHOUT(device)                                                \
  if ((device) == nullptr) {                                                \
    GTEST_SKIP() << "no OpenCL device: " << inferometer::opencl::WhyNone(); \
  }                                                                         \
  static_assert(true)

}  // namespace inferometer::opencl

#endif  // INFEROMETER_TESTS_BACKENDS_OPENCL_DRIVER_H_
