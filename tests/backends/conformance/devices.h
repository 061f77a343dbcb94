// The devices that conformance runs on: those of every backend, and the reference itself.
#ifndef INFEROMETER_TESTS_BACKENDS_CONFORMANCE_DEVICES_H_
#define INFEROMETER_TESTS_BACKENDS_CONFORMANCE_DEVICES_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "backends/device.h"

namespace inferometer {

inline std::vector<std::string> DeviceIds() {
  std::vector<std::string> ids = {"reference"};
  for (const Backend& backend : Backends()) {
    for (const auto& device : backend.open({})) ids.push_back(device->Info().id);
  }
  return ids;
}

inline std::unique_ptr<Device> OpenDevice(const std::string& id) {
  for (const Backend& backend : Backends()) {
    for (auto& device : backend.open({})) {
      if (device->Info().id == id) return std::move(device);
    }
  }
  return OpenReference();
}

// As a part of a test's name: letters, digits and underscores.
inline std::string TestName(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

// Set INFEROMETER_QUICK=1 on slow or emulated machines.
inline bool Quick() { return std::getenv("INFEROMETER_QUICK") != nullptr; }

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_BACKENDS_CONFORMANCE_DEVICES_H_
