// The list of probes, and the one object that they make together.
#include "probes/list.h"
#include "probes/probe.h"

namespace inferometer {
namespace {

constexpr Probe kProbes[] = {
    {"class", "laptop, phone, desktop, server, single-board or virtual, and how that was decided",
     ReadDeviceClass},
    {"cpu",
     "cores by kind, caches, instruction sets, clocks, and how much of it this process may use",
     ReadCpu},
    {"memory", "size, what is available, page sizes, type and speed", ReadMemory},
    {"gpus", "graphics processors as the kernel, Vulkan and OpenCL know them, joined", ReadGpus},
    {"gpu_apis", "Vulkan and OpenCL: whether loader, drivers and devices are there", ReadGpuApis},
    {"power", "mains or battery, energy counters, power profile and limits", ReadPower},
    {"thermal", "temperatures, trip points, throttle counters", ReadThermal},
    {"os", "operating system, kernel, C library, machine", ReadOs},
    {"environment", "hypervisor, container, load, stolen time", ReadEnvironment},
};

}  // namespace

std::span<const Probe> Probes() { return kProbes; }

nlohmann::json DescribeDevice(const SystemRoot& given) {
  SystemRoot root = given;
  if (!root.asked) root.asked = std::make_shared<std::map<std::string, std::string>>();
  nlohmann::json device = nlohmann::json::object();
  nlohmann::json facts = nlohmann::json::array();
  for (const Probe& probe : Probes()) {
    for (Fact& fact : probe.read(root)) {
      // "cpu" and "clock.max_hz" make /cpu/clock/max_hz.
      std::string key(probe.name);
      if (!fact.key.empty()) key += "." + fact.key;
      std::string pointer = "/" + key;
      for (char& c : pointer) c = c == '.' ? '/' : c;
      nlohmann::json row = {{"key", key}, {"unit", fact.unit}, {"source", fact.source}};
      if (fact.value.is_null()) row["reason"] = fact.reason;
      facts.push_back(std::move(row));
      device[nlohmann::json::json_pointer(pointer)] = std::move(fact.value);
    }
  }
  device["facts"] = std::move(facts);
  return device;
}

}  // namespace inferometer
