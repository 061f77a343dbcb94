// From the names that people type to the devices and models they mean.
#include "harness/cli/names.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/runner/devices.h"
#include "models/model.h"

namespace inferometer {
namespace {

constexpr std::string_view kReference = "reference";

}  // namespace

std::vector<std::string> ModelNames() {
  std::vector<std::string> names;
  for (const ModelShape& shape : Catalog()) names.push_back(shape.name);
  return names;
}

OpenedDevices OpenDevices(const std::vector<std::string>& ids, int threads) {
  OpenedDevices opened;
  std::vector<std::string> known;
  const auto may_hold = [&ids](const Backend& backend) {
    return MayHold(Backends(), backend.name, ids);
  };
  const auto has_driver = [&](const Backend& backend) {
    return backend.name != "cpu" && may_hold(backend);
  };
  std::vector<MissingBackend> unsafe;
  if (std::ranges::any_of(Backends(), has_driver)) unsafe = AskForUnsafeBackends(ThisProgram());
  for (const Backend& backend : Backends()) {
    if (!may_hold(backend)) continue;
    for (auto& device : OpenBackend(backend, {threads}, unsafe).devices) {
      known.push_back(device->Info().id);
      opened.owned.push_back(std::move(device));
    }
  }
  if (ids.empty()) {
    for (const auto& device : opened.owned) opened.chosen.push_back(device.get());
    if (opened.chosen.empty()) {
      throw Error(ExitCode::kRunFailed,
                  "no backend finds a device here ('inferometer list devices' says why); "
                  "--device reference always works");
    }
    return opened;
  }
  known.emplace_back(kReference);
  opened.owned.push_back(OpenReference());
  for (const std::string& id : ids) {
    const auto found = std::find(known.begin(), known.end(), id);
    if (found == known.end()) {
      throw Error(ExitCode::kUsage, "--device: " + UnknownName("device", id, known));
    }
    Device* device = opened.owned[static_cast<std::size_t>(found - known.begin())].get();
    if (std::find(opened.chosen.begin(), opened.chosen.end(), device) == opened.chosen.end()) {
      opened.chosen.push_back(device);
    }
  }
  return opened;
}

}  // namespace inferometer
