// From the names that people type to the things they mean: models, quants, devices.
#include "harness/cli/names.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "models/quant/formats.h"

namespace inferometer {
namespace {

constexpr std::string_view kReference = "reference";

std::vector<std::unique_ptr<Device>> OpenAll(int threads) {
  std::vector<std::unique_ptr<Device>> devices;
  for (const Backend& backend : Backends()) {
    for (auto& device : backend.open({threads})) devices.push_back(std::move(device));
  }
  return devices;
}

std::vector<std::string> IdsOf(const std::vector<std::unique_ptr<Device>>& devices) {
  std::vector<std::string> ids;
  for (const auto& device : devices) ids.push_back(device->Info().id);
  return ids;
}

bool LooksLikeFile(const std::string& name) {
  struct stat status{};
  return name.find('/') != std::string::npos || name.ends_with(".gguf") ||
         ::stat(name.c_str(), &status) == 0;
}

}  // namespace

std::vector<std::string> ModelNames() {
  std::vector<std::string> names;
  for (const ModelShape& shape : Catalog()) names.push_back(shape.name);
  return names;
}

std::vector<std::string> QuantNames() {
  std::vector<std::string> names;
  for (const Format& format : Formats()) names.emplace_back(format.name);
  names.emplace_back("q4_k_m");
  return names;
}

OpenedDevice OpenDevice(const std::string& id, int threads) {
  OpenedDevice opened;
  if (id == kReference) {
    opened.owned.push_back(OpenReference());
    opened.device = opened.owned.front().get();
    return opened;
  }
  opened.owned = OpenAll(threads);
  for (const auto& device : opened.owned) {
    if (id.empty() || device->Info().id == id) {
      opened.device = device.get();
      return opened;
    }
  }
  if (id.empty()) {
    throw Error(ExitCode::kRunFailed,
                "no backend finds a device here; --device reference always works");
  }
  std::vector<std::string> ids = IdsOf(opened.owned);
  ids.emplace_back(kReference);
  throw Error(ExitCode::kUsage, "--device: " + UnknownName("device", id, ids));
}

void CheckDeviceIds(const std::vector<std::string>& ids, int threads) {
  if (ids.empty()) return;
  const std::vector<std::string> known = IdsOf(OpenAll(threads));
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) == known.end()) {
      throw Error(ExitCode::kUsage, "--device: " + UnknownName("device", id, known));
    }
  }
}

Model OpenNamedModel(const std::string& name, const std::string& quant, std::uint64_t seed) {
  if (const ModelShape* shape = FindShape(name)) {
    const std::string chosen =
        !quant.empty() ? quant : (name == "smollm2-135m" ? "q8_0" : "q4_k_m");
    const std::vector<std::string> known = QuantNames();
    if (std::find(known.begin(), known.end(), chosen) == known.end()) {
      throw Error(ExitCode::kUsage, "--quant: " + UnknownName("quant", chosen, known));
    }
    return SynthesizeModel(*shape, chosen, seed);
  }
  if (!LooksLikeFile(name)) {
    throw Error(ExitCode::kUsage, fmt::format("--model: {}; or name a GGUF file",
                                              UnknownName("model", name, ModelNames())));
  }
  if (!quant.empty()) {
    throw Error(ExitCode::kUsage,
                fmt::format("--quant: '{}' is a file, whose weights are stored as they are; leave "
                            "--quant out",
                            name));
  }
  return OpenModel(name);
}

}  // namespace inferometer
