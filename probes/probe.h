// What the device is: read, never timed.
#ifndef INFEROMETER_PROBES_PROBE_H_
#define INFEROMETER_PROBES_PROBE_H_

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

// Where probes read from; tests pass a recorded folder.
struct SystemRoot {
  std::string files = "/";  // prefix of /proc, /sys, /etc
  std::string hwloc_xml;    // empty: the live machine
};

// One fact. An unreadable one has a null value and the reason.
struct Fact {
  std::string key;       // dotted path below the probe's name: "caches.l2_bytes"
  nlohmann::json value;  // null: not readable
  std::string unit;      // "B", "Hz", "" ...
  std::string source;    // "/proc/cpuinfo", "hwloc", "cpuid" ...
  std::string reason;    // why it is null
};

struct Probe {
  std::string_view name, help;
  std::vector<Fact> (*read)(const SystemRoot& root);
};

std::span<const Probe> Probes();

// The result's `device` object: {class, cpu, memory, gpus, os, power, environment, ...}. Identifies
// nobody: no host name, user, serial number, MAC address or UUID.
nlohmann::json DescribeDevice(const SystemRoot& root = {});

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_PROBE_H_
