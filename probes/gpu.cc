// Graphics processors, joined from the kernel, Vulkan and OpenCL, and how each API answered.
#include "probes/facts.h"
#include "probes/gpu_drm.h"
#include "probes/gpu_question.h"
#include "probes/list.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

// A recorded answer is as little trusted as a live one.
Json Checked(std::string_view name, const Json& api) {
  Json checked = {{"devices", Json::array()}, {"drivers", Json::array()}};
  const auto list = [&](const char* key) {
    return api.is_object() && api.contains(key) && api.at(key).is_array() ? api.at(key)
                                                                          : Json::array();
  };
  const auto text = [](const Json& row, const char* key) {
    return CleanDevice("vulkan", {{"name", row.is_object() ? row.value(key, Json()) : Json()}})
        .at("name");
  };
  for (const char* key : {"status", "reason", "loader", "loader_version"})
    checked[key] = text(api, key);
  for (const Json& driver : list("drivers")) {
    checked["drivers"].push_back({{"name", text(driver, "name")},
                                  {"status", text(driver, "status")},
                                  {"reason", text(driver, "reason")}});
  }
  for (const Json& device : list("devices")) {
    Json clean = CleanDevice(name, device);
    const Json same = device.is_object() ? device.value("same_as", Json()) : Json();
    clean["same_as"] = same.is_number_integer() ? same : Json(nullptr);
    checked["devices"].push_back(std::move(clean));
  }
  return checked;
}

// {"vulkan": {...}, "opencl": {...}}, or null with the reason.
Json ReadApis(const Reader& reader, std::string* reason) {
  const Reading reading = reader.Ask("gpu_apis", [&]() -> std::string {
    if (reader.root().gpu_helper.empty()) return "";
    return AskGpuDrivers(reader.root()).dump(1, ' ', false, Json::error_handler_t::replace);
  });
  if (!reading) {
    *reason = "the drivers were not asked";
    return nullptr;
  }
  const Json apis = ParseAnswer(*reading.text);
  if (!apis.is_object()) {
    *reason = "malformed";
    return nullptr;
  }
  Json checked = Json::object();
  for (const char* name : {"vulkan", "opencl"})
    checked[name] = Checked(name, apis.value(name, Json()));
  return checked;
}

}  // namespace

std::vector<Fact> ReadGpus(const SystemRoot& root) {
  const Reader reader(root);
  std::string reason;
  Facts facts;
  facts.Add("", JoinGpus(ReadDrm(reader), ReadApis(reader, &reason)), "",
            "/sys/class/drm, /sys/class/kgsl, /sys/class/misc/mali0, Vulkan, OpenCL");
  return facts.Take();
}

std::vector<Fact> ReadGpuApis(const SystemRoot& root) {
  std::string reason;
  Json apis = ReadApis(Reader(root), &reason);
  Facts facts;
  for (const auto& [name, source] :
       {std::pair("vulkan", "the Vulkan loader"), std::pair("opencl", "the OpenCL loader")}) {
    if (apis.is_null()) {
      facts.Missing(name, "", source, reason);
      continue;
    }
    Json api = std::move(apis[name]);
    api["devices"] = api["devices"].size();
    facts.Add(name, std::move(api), "", source);
  }
  return facts.Take();
}

std::vector<std::string> GpuTroubles(const Json& device) {
  std::vector<std::string> troubles;
  if (!device.is_object()) return troubles;
  for (const char* name : {"vulkan", "opencl"}) {
    const Json api = device.value("/gpu_apis"_json_pointer / name, Json());
    if (!api.is_object()) continue;
    const auto add = [&](const Json& row, const std::string& who) {
      const std::string status = row.value("status", Json()).is_string() ? row["status"] : "";
      if (status != "hung" && status != "crashed") return;
      const Json reason = row.value("reason", Json());
      troubles.push_back(std::string(name) + ": " + who +
                         (reason.is_string() ? " " + reason.get<std::string>() : " " + status) +
                         "; its devices are missing here");
    };
    const Json drivers = api.value("drivers", Json());
    if (!drivers.is_array() || drivers.empty()) add(api, "the driver");
    for (const Json& driver : drivers.is_array() ? drivers : Json::array()) {
      if (!driver.is_object()) continue;
      const Json who = driver.value("name", Json());
      add(driver, who.is_string() ? who.get<std::string>() : "a driver");
    }
  }
  return troubles;
}

}  // namespace inferometer
