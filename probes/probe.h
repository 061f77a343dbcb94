// What the device is: read, never timed.
#ifndef INFEROMETER_PROBES_PROBE_H_
#define INFEROMETER_PROBES_PROBE_H_

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
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
  // A program that calls AnswerGpuQuestion first thing. GPU drivers crash and hang, so they are
  // loaded there, for at most so long. Empty: no driver is asked, and the reason says so.
  std::string gpu_helper;
  double gpu_limit_s = 5;
  // What was asked once is kept here for the other probes; DescribeDevice makes one of its own.
  std::shared_ptr<std::map<std::string, std::string>> asked;
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

// For programs that are to be a `gpu_helper`: when the arguments are a question about GPU drivers,
// answers it and ends the process, or returns the exit code; nothing when they are not.
std::optional<int> AnswerGpuQuestion(int argc, const char* const* argv);

// The result's `device` object: {class, cpu, memory, gpus, gpu_apis, os, power, thermal,
// environment, facts}.
// Values stand at their dotted keys (cpu.clock.max_hz); `facts` lists {key, unit, source} of each,
// with `reason` where the value is null. Identifies nobody: no host name, user, serial number, MAC
// address or UUID. Call it before threads are pinned: the processors that the calling process may
// use are those of its first thread.
nlohmann::json DescribeDevice(const SystemRoot& root = {});

// What of `device` a run should warn of: "vulkan: broken_icd.json gave no answer within 5 s; ...".
std::vector<std::string> GpuTroubles(const nlohmann::json& device);

// Probes the live machine and writes what was read below `dir`, with hwloc.xml where hwloc is built
// in: such a folder makes the same device again through RecordedRoot. Names of containers are
// replaced. Returns the device. Throws Error(kUsage) when `dir` is not writable.
nlohmann::json RecordDevice(const std::string& dir, const std::string& gpu_helper = "");
SystemRoot RecordedRoot(const std::string& dir);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_PROBE_H_
