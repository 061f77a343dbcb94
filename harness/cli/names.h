// From the names that people type to the devices and models they mean.
#ifndef INFEROMETER_HARNESS_CLI_NAMES_H_
#define INFEROMETER_HARNESS_CLI_NAMES_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/device.h"

namespace inferometer {

std::vector<std::string> ModelNames();  // of the catalogue

// Devices as they were asked for, and all those that were opened for it.
struct OpenedDevices {
  std::vector<std::unique_ptr<Device>> owned;
  std::vector<Device*> chosen;  // in the order asked for, each once; not empty
};

// The devices with those ids, "reference" among them; none given: all that backends find here.
// Throws Error(kUsage) with the nearest id, Error(kRunFailed) when there is no device at all.
OpenedDevices OpenDevices(const std::vector<std::string>& ids, int threads);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_NAMES_H_
