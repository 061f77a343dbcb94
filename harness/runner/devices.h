// Which devices a run measures.
#ifndef INFEROMETER_HARNESS_RUNNER_DEVICES_H_
#define INFEROMETER_HARNESS_RUNNER_DEVICES_H_

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/device.h"
#include "harness/runner/calibrate.h"

namespace inferometer {

struct ChosenDevice {
  std::unique_ptr<Device> device;
  std::string requested;  // what the user asked for; empty: nothing
  Speed speed;            // of CPU devices; zero of others
  // Another instance, with nothing on it. Throws Error.
  std::function<std::unique_ptr<Device>()> open_another;
};

// A backend that was wanted and has no device here.
struct MissingBackend {
  std::string name, reason;
};

struct DeviceChoice {
  std::vector<ChosenDevice> devices;
  std::vector<MissingBackend> missing;
  nlohmann::json why;  // how the CPU's kernel set was chosen, for the result's `run`
};

struct DeviceRequest {
  std::vector<std::string> backends, ids;
  int threads = 0;
  std::vector<MissingBackend> unsafe{};  // not to be opened, and why
};

// The backends one of whose drivers hung or crashed when a child process asked it, by the probes'
// description of this device: loaded here, it would take the whole run with it.
std::vector<MissingBackend> UnsafeBackends(const nlohmann::json& device);

// The same, the drivers being asked now, in children of `gpu_helper` (probes/probe.h).
std::vector<MissingBackend> AskForUnsafeBackends(const std::string& gpu_helper);

// What one backend has here; none, with the reason, where it is unsafe.
struct OpenedBackend {
  std::vector<std::unique_ptr<Device>> devices;
  std::string why_none;  // empty when there are devices
};
OpenedBackend OpenBackend(const Backend& backend, const DeviceOptions& options,
                          const std::vector<MissingBackend>& unsafe);

// Whether devices of these ids can be of that backend: all can be when there are no ids, or when
// one of them begins with no backend's name and the nearest name is to be found.
bool MayHold(std::span<const Backend> backends, std::string_view backend,
             const std::vector<std::string>& ids);

// Opens what is asked for: the named devices; else, of the named backends or of all, the fastest
// CPU kernel set and every device that is not software. The sets are told apart by multiplying with
// matrices in `format` for about a second in all. `backends` is the list to choose from. Throws
// Error(kUsage) with the nearest name for an unknown backend or device, Error(kRunFailed) when
// nothing is left to measure.
DeviceChoice ChooseDevices(std::span<const Backend> backends, const DeviceRequest& request,
                           QuantId format, const std::function<double()>& now);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_DEVICES_H_
