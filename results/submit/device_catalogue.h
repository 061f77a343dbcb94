// What memory and processors of known devices give at most: results/devices.json.
#ifndef INFEROMETER_RESULTS_SUBMIT_DEVICE_CATALOGUE_H_
#define INFEROMETER_RESULTS_SUBMIT_DEVICE_CATALOGUE_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

// A row: a processor with its memory, or a graphics card.
struct CatalogueDevice {
  std::string id, name, kind;      // kind: "cpu", "soc" (processor and GPU share memory), "gpu"
  std::vector<std::string> match;  // a name that has one of them as words is this device
  double bandwidth = 0;            // B/s, of the memory at most
  bool soldered = false;           // no faster memory can be put in
  std::optional<double> fp32;      // flop/s, at most
};

std::span<const CatalogueDevice> DeviceCatalogue();

// The row with the longest word that `name` has; null when there is none.
const CatalogueDevice* FindCatalogueDevice(std::string_view name, bool gpu);

// The rows of the processor and of each GPU that a result's device names; null where unknown.
struct DeviceRows {
  const CatalogueDevice* cpu = nullptr;
  std::vector<const CatalogueDevice*> gpus;
};
DeviceRows FindDeviceRows(const nlohmann::json& device);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_DEVICE_CATALOGUE_H_
