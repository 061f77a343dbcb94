// From the names that people type to the things they mean: models, quants, devices.
#ifndef INFEROMETER_HARNESS_CLI_NAMES_H_
#define INFEROMETER_HARNESS_CLI_NAMES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/device.h"
#include "models/model.h"

namespace inferometer {

std::vector<std::string> ModelNames();  // of the catalogue
std::vector<std::string> QuantNames();  // formats and mixtures

// A device and the list it came from, which owns it.
struct OpenedDevice {
  std::vector<std::unique_ptr<Device>> owned;
  Device* device = nullptr;
};

// The device with that id, or "reference"; empty: the first device of the first backend that has
// one. Throws Error(kUsage) with the nearest id.
OpenedDevice OpenDevice(const std::string& id, int threads);

// Throws Error(kUsage) with the nearest id for the first that no device here has.
void CheckDeviceIds(const std::vector<std::string>& ids, int threads);

// A model by its standard name (weights synthesised, `quant` empty: q8_0 for the smallest tier,
// q4_k_m for others) or a GGUF file (`quant` must be empty then). Throws Error(kUsage) with the
// nearest name, Error(kInvalidInput) for a bad file.
Model OpenNamedModel(const std::string& name, const std::string& quant, std::uint64_t seed);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_NAMES_H_
