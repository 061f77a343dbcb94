// Opens devices, and finds the fastest kernel set of the CPU.
#include "harness/runner/devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "probes/gpu_question.h"

namespace inferometer {
namespace {

constexpr double kCalibration_s = 1.0;  // for all kernel sets together

template <typename T>
bool Contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::unique_ptr<Device> OpenAgain(const Backend& backend, const DeviceOptions& options,
                                  const std::string& id) {
  for (std::unique_ptr<Device>& device : backend.open(options)) {
    if (device->Info().id == id) return std::move(device);
  }
  throw Error(ExitCode::kRunFailed, fmt::format("device '{}' cannot be opened a second time", id));
}

struct Candidate {
  const Backend* backend;
  std::unique_ptr<Device> device;
  Speed speed;
  std::string failure;  // of the calibration
};

// Measures all, and keeps the fastest of those that were not asked for by id.
nlohmann::json KeepFastest(std::vector<Candidate>& sets, QuantId format,
                           const std::function<double()>& now) {
  nlohmann::json measured = nlohmann::json::array();
  for (Candidate& set : sets) {
    nlohmann::json row = {{"device", set.device->Info().id}};
    try {
      set.speed =
          Calibrate(*set.device, format, kCalibration_s / static_cast<double>(sets.size()), now);
      row["bytes_per_s"] = set.speed.bytes_per_s;
      row["operations_per_s"] = set.speed.operations_per_s;
    } catch (const std::exception& error) {
      set.failure = error.what();
      row["reason"] = set.failure;
    }
    measured.push_back(std::move(row));
  }
  const auto best = std::max_element(sets.begin(), sets.end(), [](const auto& a, const auto& b) {
    return a.speed.Score() < b.speed.Score();
  });
  const std::string chosen = best->device->Info().id;
  const std::string reason =
      sets.size() == 1
          ? "the only kernel set that this processor can run"
          : fmt::format("the fastest of {} kernel sets in {} products of one and of many tokens",
                        sets.size(), FormatOf(format).name);
  if (best != sets.begin()) std::iter_swap(sets.begin(), best);
  sets.resize(1);
  return {{"chosen", chosen}, {"why", reason}, {"measured", std::move(measured)}};
}

}  // namespace

std::vector<MissingBackend> UnsafeBackends(const nlohmann::json& device) {
  std::vector<MissingBackend> unsafe;
  const nlohmann::json apis = device.value("gpu_apis", nlohmann::json::object());
  for (const auto& [name, api] : apis.items()) {
    if (!api.is_object()) continue;
    for (const nlohmann::json& driver : api.value("drivers", nlohmann::json::array())) {
      const std::string status = driver.value("status", "");
      if (status != "hung" && status != "crashed") continue;
      unsafe.push_back({name, fmt::format("its driver {} {} when it was asked; remove it, or name "
                                          "the others to the loader",
                                          driver.value("name", "?"), status)});
      break;
    }
  }
  return unsafe;
}

std::vector<MissingBackend> AskForUnsafeBackends(const std::string& gpu_helper) {
  SystemRoot here;
  here.gpu_helper = gpu_helper;
  return UnsafeBackends({{"gpu_apis", AskGpuDrivers(here)}});
}

OpenedBackend OpenBackend(const Backend& backend, const DeviceOptions& options,
                          const std::vector<MissingBackend>& unsafe) {
  for (const MissingBackend& missing : unsafe) {
    if (missing.name == backend.name) return {{}, missing.reason};
  }
  OpenedBackend opened{backend.open(options), {}};
  if (opened.devices.empty()) opened.why_none = backend.why_none();
  return opened;
}

bool MayHold(std::span<const Backend> backends, std::string_view backend,
             const std::vector<std::string>& ids) {
  bool named = ids.empty();
  for (const std::string& id : ids) {
    const std::string_view prefix = std::string_view(id).substr(0, id.find(':'));
    named |= prefix == backend;
    named |= std::none_of(backends.begin(), backends.end(),
                          [&](const Backend& other) { return other.name == prefix; });
  }
  return named;
}

DeviceChoice ChooseDevices(std::span<const Backend> backends, const DeviceRequest& request,
                           QuantId format, const std::function<double()>& now) {
  std::vector<std::string> names;
  for (const Backend& backend : backends) names.emplace_back(backend.name);
  for (const std::string& name : request.backends) {
    if (!Contains(names, name)) {
      throw Error(ExitCode::kUsage, UnknownName("backend", name, names));
    }
  }
  const DeviceOptions options{.threads = request.threads};
  DeviceChoice choice;
  choice.why = nullptr;
  std::vector<std::string> ids;
  std::vector<Candidate> sets, others;
  for (const Backend& backend : backends) {
    if (!request.backends.empty() && !Contains(request.backends, std::string(backend.name)))
      continue;
    if (!MayHold(backends, backend.name, request.ids)) continue;
    OpenedBackend opened = OpenBackend(backend, options, request.unsafe);
    if (opened.devices.empty()) {
      choice.missing.push_back({std::string(backend.name), opened.why_none});
    }
    for (std::unique_ptr<Device>& device : opened.devices) {
      const DeviceInfo& info = device->Info();
      ids.push_back(info.id);
      if (!request.ids.empty()) {
        if (Contains(request.ids, info.id)) others.push_back({&backend, std::move(device), {}, {}});
      } else if (info.backend == "cpu" && !info.software) {
        sets.push_back({&backend, std::move(device), {}, {}});
      } else if (!info.software || Contains(request.backends, std::string(backend.name))) {
        others.push_back({&backend, std::move(device), {}, {}});
      }
    }
  }
  for (const std::string& id : request.ids) {
    if (!Contains(ids, id)) throw Error(ExitCode::kUsage, UnknownName("device", id, ids));
  }
  if (!sets.empty()) choice.why = KeepFastest(sets, format, now);
  for (Candidate& candidate : others) {
    if (candidate.device->Info().backend != "cpu") continue;
    try {
      candidate.speed = Calibrate(*candidate.device, format, kCalibration_s / 4, now);
    } catch (const std::exception&) {
      // Estimates stay unknown; what the device cannot do becomes rows.
    }
  }
  for (std::vector<Candidate>* list : {&sets, &others}) {
    for (Candidate& candidate : *list) {
      const std::string id = candidate.device->Info().id;
      std::string requested = Contains(request.ids, id) ? id : std::string();
      if (requested.empty() && !request.backends.empty()) requested = candidate.backend->name;
      choice.devices.push_back({std::move(candidate.device), std::move(requested), candidate.speed,
                                [backend = candidate.backend, options, id] {
                                  return OpenAgain(*backend, options, id);
                                }});
    }
  }
  if (choice.devices.empty()) {
    std::string reasons;
    for (const MissingBackend& missing : choice.missing) {
      reasons += fmt::format("; {}: {}", missing.name, missing.reason);
    }
    throw Error(
        ExitCode::kRunFailed,
        fmt::format("there is no device to measure{}; `inferometer list devices` shows all, "
                    "software renderers run only when they or their backend are named",
                    reasons));
  }
  return choice;
}

}  // namespace inferometer
