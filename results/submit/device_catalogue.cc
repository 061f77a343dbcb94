// The rows of results/devices.json, and which of them a device is.
#include "results/submit/device_catalogue.h"

#include <algorithm>
#include <cctype>

#include "harness/base/embedded.h"
#include "results/json.h"

namespace inferometer {
namespace {

std::vector<CatalogueDevice> ReadDevices() {
  std::vector<CatalogueDevice> devices;
  for (const EmbeddedFile& file : SchemaFiles()) {
    if (file.name != "devices.json") continue;
    const nlohmann::json document = ParseJson(file.text, file.name);
    for (const JsonValue& item : JsonValue(document)["devices"].Items()) {
      CatalogueDevice device;
      device.id = item["id"].String();
      device.name = item["name"].String();
      device.kind = item["kind"].String();
      for (const JsonValue& word : item["match"].Items()) device.match.push_back(word.String());
      device.bandwidth = item["memory"]["bandwidth_bytes_per_s"].Number();
      device.soldered = item["memory"]["soldered"].Bool();
      if (item.Has("fp32_flops_per_s")) device.fp32 = item["fp32_flops_per_s"]["value"].Number();
      devices.push_back(std::move(device));
    }
  }
  return devices;
}

// "Intel(R) Core(TM) Ultra 7 155H" -> " intel core ultra 7 155h ": words with single spaces.
std::string Words(std::string_view name) {
  std::string words = " ";
  for (std::size_t i = 0; i < name.size(); ++i) {
    for (const std::string_view mark : {"(R)", "(TM)", "(r)", "(tm)"}) {
      if (name.substr(i).starts_with(mark)) {
        if (words.back() != ' ') words += ' ';
        i += mark.size();
      }
    }
    if (i >= name.size()) break;
    const auto c = static_cast<unsigned char>(name[i]);
    if (std::isalnum(c) || c == '-' || c == '+') {
      words += static_cast<char>(std::tolower(c));
    } else if (words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

std::string TextAt(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return json.contains(at) && json[at].is_string() ? json[at].get<std::string>() : std::string();
}

}  // namespace

std::span<const CatalogueDevice> DeviceCatalogue() {
  static const std::vector<CatalogueDevice> devices = ReadDevices();
  return devices;
}

const CatalogueDevice* FindCatalogueDevice(std::string_view name, bool gpu) {
  const std::string words = Words(name);
  const CatalogueDevice* best = nullptr;
  std::size_t longest = 0;
  for (const CatalogueDevice& device : DeviceCatalogue()) {
    if (device.kind == (gpu ? "cpu" : "gpu")) continue;
    for (const std::string& match : device.match) {
      const std::string word = Words(match);
      if (word.size() > longest && words.find(word) != std::string::npos) {
        best = &device;
        longest = word.size();
      }
    }
  }
  return best;
}

DeviceRows FindDeviceRows(const nlohmann::json& device) {
  DeviceRows rows;
  for (const char* at : {"/cpu/name", "/cpu/soc", "/os/machine"}) {
    if (rows.cpu == nullptr) rows.cpu = FindCatalogueDevice(TextAt(device, at), false);
  }
  const auto gpus = device.find("gpus");
  if (gpus == device.end() || !gpus->is_array()) return rows;
  for (const nlohmann::json& gpu : *gpus) {
    const CatalogueDevice* row = FindCatalogueDevice(TextAt(gpu, "/name"), true);
    // A GPU inside the processor has the processor's memory.
    if (row == nullptr && TextAt(gpu, "/type") == "integrated") row = rows.cpu;
    rows.gpus.push_back(row);
  }
  return rows;
}

}  // namespace inferometer
