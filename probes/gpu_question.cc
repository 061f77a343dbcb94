// The parent's side: starts the children, believes none of them, and sums up.
#include "probes/gpu_question.h"

#include <algorithm>
#include <map>

#include "harness/base/child_process.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostAnswer = 2 << 20, kMostDevices = 64;
constexpr const char* kApis[] = {"vulkan", "opencl"};

// From the best news to the worst; the status of an API is the best of its drivers'. What crashed
// or hung might have offered a device, so it says more than a driver that offers none.
constexpr std::string_view kStatuses[] = {"ok",        "hung",      "crashed",  "no device",
                                          "no driver", "no loader", "not asked", "not built"};

std::size_t Rank(std::string_view status) {
  return static_cast<std::size_t>(std::find(std::begin(kStatuses), std::end(kStatuses), status) -
                                  std::begin(kStatuses));
}

std::string TextAt(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

Json PlainText(const Json& object, const char* key) {
  const Json clean = CleanDevice("vulkan", {{"name", TextAt(object, key)}});
  return clean.at("name");
}

// An answer that is whole counts, however the process ended after it.
Json Understand(const ChildResult& result) {
  Json answer = ParseAnswer(result.output);
  if (answer.is_object() && answer.contains("devices") && answer["devices"].is_array() &&
      Rank(TextAt(answer, "status")) < std::size(kStatuses)) {
    return answer;
  }
  using End = ChildResult::End;
  answer = {{"status", result.end == End::kTimeLimit ? "hung" : "crashed"},
            {"reason", result.reason.empty() ? "its answer made no sense" : result.reason},
            {"devices", Json::array()}};
  if (result.end == End::kNotStarted) answer["status"] = "not asked";
  return answer;
}

// Numbers in place of UUIDs, which name one device in the world: equal numbers, equal hardware.
class Sameness {
 public:
  Json Of(const Json& device) {
    const auto identity = device.find("identity");
    if (identity == device.end() || !identity->is_object()) return nullptr;
    Json number;
    for (const char* key : {"luid", "uuid"}) {
      const std::string value = TextAt(*identity, key);
      if (value.empty()) continue;
      const auto known = numbers_.find(key + value);
      if (number.is_null() && known != numbers_.end()) number = known->second;
    }
    for (const char* key : {"luid", "uuid"}) {
      const std::string value = TextAt(*identity, key);
      if (value.empty()) continue;
      if (number.is_null()) number = next_++;
      numbers_[key + value] = number.get<int>();
    }
    return number;
  }

 private:
  std::map<std::string, int> numbers_;
  int next_ = 1;
};

struct Question {
  const char* api;
  std::string driver;  // empty: whatever the loader finds by itself
};

}  // namespace

Json AskGpuDrivers(const SystemRoot& root) {
  std::vector<Question> questions;
  std::vector<ChildRequest> requests;
  for (const char* api : kApis) {
    std::vector<DriverManifest> drivers = FindDrivers(api);
    if (drivers.empty()) drivers.emplace_back();
    for (DriverManifest& driver : drivers) {
      questions.push_back({api, driver.name});
      // Overlays and the like, which are none of a driver's, come in as implicit layers.
      driver.environment.emplace_back("VK_LOADER_LAYERS_DISABLE", "~implicit~");
      requests.push_back({{root.gpu_helper, std::string(kGpuQuestion), api}, driver.environment});
    }
  }
  const auto results = RunChildren(requests, root.gpu_limit_s, kMostAnswer);
  Json apis = Json::object();
  Sameness sameness;
  for (const char* name : kApis) {
    Json api = {{"status", nullptr},        {"reason", nullptr},
                {"loader", nullptr},        {"loader_version", nullptr},
                {"drivers", Json::array()}, {"devices", Json::array()}};
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if (questions[i].api != std::string_view(name)) continue;
      Json answer = Understand(results[i]);
      for (const Json& device : answer["devices"]) {
        if (api["devices"].size() == kMostDevices) break;
        Json clean = CleanDevice(name, device);
        clean["same_as"] = sameness.Of(device);
        api["devices"].push_back(std::move(clean));
      }
      const std::string status = TextAt(answer, "status");
      const Json reason = PlainText(answer, "reason");
      for (const char* key : {"loader", "loader_version"}) {
        if (api[key].is_null()) api[key] = PlainText(answer, key);
      }
      if (api["status"].is_null() || Rank(status) < Rank(TextAt(api, "status"))) {
        api["status"] = status;
        api["reason"] = reason;
        if (reason.is_string() && !questions[i].driver.empty() && Rank(status) < 3)
          api["reason"] = questions[i].driver + " " + reason.get<std::string>();
      }
      if (!questions[i].driver.empty())
        api["drivers"].push_back(
            {{"name", questions[i].driver}, {"status", status}, {"reason", reason}});
    }
    apis[name] = std::move(api);
  }
  return apis;
}

}  // namespace inferometer
