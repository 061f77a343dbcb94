// What the device is: read, never timed.
#ifndef INFEROMETER_PROBES_PROBE_H_
#define INFEROMETER_PROBES_PROBE_H_

#include <functional>
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
  // Called with every file that a probe has read: its path below `files`, and its text.
  std::function<void(const std::string& path, const std::string& text)> on_read;
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

// The result's `device` object: {class, cpu, memory, gpus, os, power, thermal, environment, facts}.
// Values stand at their dotted keys (cpu.clock.max_hz); `facts` lists {key, unit, source} of each,
// with `reason` where the value is null. Identifies nobody: no host name, user, serial number, MAC
// address or UUID. Call it before threads are pinned: the processors that the calling process may
// use are those of its first thread.
nlohmann::json DescribeDevice(const SystemRoot& root = {});

// Probes the live machine and writes what was read below `dir`, with hwloc.xml where hwloc is built
// in: such a folder makes the same device again through RecordedRoot. Names of containers are
// replaced. Returns the device. Throws Error(kUsage) when `dir` is not writable.
nlohmann::json RecordDevice(const std::string& dir);
SystemRoot RecordedRoot(const std::string& dir);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_PROBE_H_
