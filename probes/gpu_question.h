// What Vulkan and OpenCL offer, asked in child processes: one for each driver, all at once.
#ifndef INFEROMETER_PROBES_GPU_QUESTION_H_
#define INFEROMETER_PROBES_GPU_QUESTION_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/probe.h"

namespace inferometer {

// The hidden argument of a program that answers; "vulkan" or "opencl" follows.
inline constexpr std::string_view kGpuQuestion = "--answer-gpu-question";

// A driver as its loader finds it, and the variables that make the loader take this one alone.
struct DriverManifest {
  std::string name;  // "intel_icd.x86_64.json": a file's name without its folder, for people
  std::vector<std::pair<std::string, std::string>> environment;
};

// The drivers that the loader of "vulkan" or "opencl" would find; empty where they are not
// described by files (Windows, Android) or there are none.
std::vector<DriverManifest> FindDrivers(std::string_view api);

// Asks every driver and returns {"vulkan": {...}, "opencl": {...}}, each {"status", "reason",
// "loader", "loader_version", "drivers": [{"name", "status", "reason"}], "devices": [...]}. The
// status is "ok", "no loader", "no driver", "no device", "crashed", "hung", "not asked" or "not built": the one
// of the best driver. Nothing in it is taken on trust from a driver: see CleanDevice. Devices with
// the same UUID or LUID carry the same "same_as" number instead of it.
nlohmann::json AskGpuDrivers(const SystemRoot& root);

// JSON that nobody vouches for: whatever is nested deeper than any answer is left out, since copying
// it would exhaust the stack. Discarded (`is_discarded()`) when it is not JSON.
nlohmann::json ParseAnswer(const std::string& text);

// Keeps the known fields that have the right type, in bounds and printable; the rest is null.
nlohmann::json CleanDevice(std::string_view api, const nlohmann::json& device);

// One entry for each piece of hardware: what the kernel knows (`drm`, entries that have
// "pci_address" and "render_node" beside what is published) joined with the devices of both APIs.
nlohmann::json JoinGpus(nlohmann::json drm, const nlohmann::json& apis);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_GPU_QUESTION_H_
