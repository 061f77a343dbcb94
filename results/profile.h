// Where the time of one step goes, part by part, by the device's own clock (`run --profile`).
#ifndef INFEROMETER_RESULTS_PROFILE_H_
#define INFEROMETER_RESULTS_PROFILE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "results/json.h"

namespace inferometer {

// All parts of a step that do the same work with the same kernel.
struct ProfilePart {
  std::string ops;         // "norm + matmul q8_0 576x1536", several where the device fuses them
  std::string kernel;      // as the backend calls it
  std::int64_t count = 0;  // of them in the step
  double device_s = 0;     // all of them together
  double bytes = 0, flops = 0;  // the price of their ops; 0 of a part that shares another's
};

// Parts run apart from each other, so that they may sum up to more than the step.
struct Profile {
  std::string model, quant, backend, device;
  nlohmann::json params = nlohmann::json::object();  // {"tokens": 1, "depth": 2048}
  double step_s = 0;  // of the step as it is measured, by the device's clock, else the host's
  // What the host adds to it until the result is there; none where the device has no clock.
  std::optional<double> host_s;
  std::vector<ProfilePart> parts;  // those that take longest first
  std::string reason;              // why there are none; empty otherwise
};

nlohmann::json ToJson(const Profile& profile);
// Throws Error(kInvalidInput) naming the key.
Profile ProfileOf(const JsonValue& json);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_PROFILE_H_
