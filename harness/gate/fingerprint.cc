// The machine of a result, and differences between two.
#include "harness/gate/fingerprint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "harness/report/rows.h"

namespace inferometer {
namespace {

using nlohmann::json;

struct Fact {
  const char* name;  // as people read it: "the processor"
  std::initializer_list<const char*> path;
};

const json* At(const json& document, std::initializer_list<const char*> path) {
  const json* at = &document;
  for (const char* key : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::string ListAt(const json& document, std::initializer_list<const char*> path) {
  const json* at = At(document, path);
  if (at == nullptr || !at->is_array()) return "";
  std::vector<std::string> words;
  for (const json& word : *at) {
    if (word.is_string()) words.push_back(word.get<std::string>());
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::string RealGpus(const json& device) {
  const json* gpus = At(device, {"gpus"});
  if (gpus == nullptr || !gpus->is_array()) return "";
  std::vector<std::string> names;
  for (const json& gpu : *gpus) {
    if (!gpu.is_object() || gpu.value("software", false)) continue;
    if (std::string name = TextAt(gpu, {"name"}); !name.empty()) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

void Put(json& machine, const char* name, std::string text) {
  if (!text.empty()) machine[name] = std::move(text);
}

void AddDifference(std::vector<std::string>& lines, std::string_view what, const std::string& base,
                   const std::string& head) {
  if (!base.empty() && !head.empty() && base != head) {
    lines.push_back(fmt::format("{} differ: {} and {}", what, base, head));
  }
}

}  // namespace

json MachineOf(const Result& result) {
  const json& device = result.device;
  json machine = json::object();
  Put(machine, "processors", TextAt(device, {"cpu", "name"}));
  Put(machine, "cores", TextAt(device, {"cpu", "cores"}));
  Put(machine, "usable processors", TextAt(device, {"cpu", "usable", "cpus"}));
  Put(machine, "instruction sets", ListAt(device, {"cpu", "isa_usable"}));
  Put(machine, "graphics processors", RealGpus(device));
  Put(machine, "operating systems", TextAt(device, {"os", "name"}));
  Put(machine, "architectures", TextAt(device, {"os", "architecture"}));
  Put(machine, "hypervisors", TextAt(device, {"environment", "hypervisor"}));
  Put(machine, "power sources", TextAt(device, {"power", "source"}));
  Put(machine, "power on battery", TextAt(device, {"power", "on_battery"}));
  Put(machine, "power profiles", TextAt(device, {"power", "profile"}));
  Put(machine, "clock governors", ListAt(device, {"cpu", "governors"}));
  return machine;
}

std::vector<std::string> MachineDifferences(const json& base, const json& head) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : base.items()) {
    const auto other = head.find(name);
    if (other == head.end() || !value.is_string() || !other->is_string()) continue;
    AddDifference(lines, name, value.get<std::string>(), other->get<std::string>());
  }
  return lines;
}

std::vector<std::string> SettingDifferences(const Result& base, const Result& head) {
  std::vector<std::string> lines;
  const auto engine = [](const Result& result) {
    const std::string name = TextAt(result.tool, {"engine"});
    return name.empty() ? std::string("Inferometer") : name;
  };
  AddDifference(lines, "engines", engine(base), engine(head));
  AddDifference(lines, "presets", TextAt(base.run, {"preset"}), TextAt(head.run, {"preset"}));
  AddDifference(lines, "seeds", TextAt(base.run, {"seed"}), TextAt(head.run, {"seed"}));
  return lines;
}

std::vector<std::string> Remarks(const Result& base, const Result& head) {
  std::vector<std::string> lines;
  AddDifference(lines, "kernels", TextAt(base.device, {"os", "kernel"}),
                TextAt(head.device, {"os", "kernel"}));
  AddDifference(lines, "compilers", TextAt(base.tool, {"compiler"}),
                TextAt(head.tool, {"compiler"}));
  AddDifference(lines, "compiler flags", TextAt(base.tool, {"flags"}),
                TextAt(head.tool, {"flags"}));
  return lines;
}

}  // namespace inferometer
