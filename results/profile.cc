// Profiles to JSON and back.
#include "results/profile.h"

#include <limits>

namespace inferometer {

nlohmann::json ToJson(const Profile& profile) {
  nlohmann::json parts = nlohmann::json::array();
  for (const ProfilePart& part : profile.parts) {
    parts.push_back({{"ops", part.ops},
                     {"kernel", part.kernel},
                     {"count", part.count},
                     {"device_s", part.device_s},
                     {"bytes", part.bytes},
                     {"flops", part.flops}});
  }
  const bool has = profile.reason.empty();
  return {{"model", profile.model},
          {"quant", profile.quant},
          {"backend", profile.backend},
          {"device", profile.device},
          {"params", profile.params},
          {"step_s", has ? nlohmann::json(profile.step_s) : nlohmann::json()},
          {"host_s", profile.host_s ? nlohmann::json(*profile.host_s) : nlohmann::json()},
          {"reason", has ? nlohmann::json() : nlohmann::json(profile.reason)},
          {"parts", std::move(parts)}};
}

Profile ProfileOf(const JsonValue& json) {
  Profile profile{
      .model = json["model"].String(),
      .quant = json["quant"].String(),
      .backend = json["backend"].String(),
      .device = json["device"].String(),
      .params = json["params"].Object(),
      .step_s = json["step_s"].IsNull() ? 0 : json["step_s"].Number(),
      .host_s = json.Has("host_s") ? std::optional(json["host_s"].Number()) : std::nullopt,
      .parts = {},
      .reason = json["reason"].StringOrEmpty()};
  for (const JsonValue& part : json["parts"].Items()) {
    profile.parts.push_back(
        {.ops = part["ops"].String(),
         .kernel = part["kernel"].String(),
         .count = part["count"].Integer(1, std::numeric_limits<std::int32_t>::max()),
         .device_s = part["device_s"].Number(),
         .bytes = part["bytes"].Number(),
         .flops = part["flops"].Number()});
  }
  return profile;
}

}  // namespace inferometer
