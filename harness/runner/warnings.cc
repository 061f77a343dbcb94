// The table of warnings: when each applies, and what to do.
#include "harness/runner/warnings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "harness/base/error.h"
#include "harness/stats/median.h"
#include "probes/probe.h"

namespace inferometer {
namespace {

using Messages = std::vector<std::string>;

// A duration should be this many timer steps, so that the step stays below 0.1 % of it.
constexpr double kTimerSteps = 1000;
constexpr double kBackgroundShare = 0.05;
constexpr double kStealShare = 0.01;
constexpr double kDrift = 1.10;
// Nearer to its limit than this before anything was measured, a processor has no room to be busy
// in; where no limit is told, most laptops and phones slow down from about 80 °C on.
constexpr double kHotMargin_c = 15, kHot_c = 80;
constexpr double kClockFall = 0.90;
constexpr std::size_t kFewestClocks = 8;
constexpr std::uint64_t kSwappedPages = 256;  // 1 MiB: less is the kernel's housekeeping

// The text at a pointer into the probes' description, or nothing.
std::string TextAt(const Result& result, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  if (!result.device.contains(at) || !result.device[at].is_string()) return {};
  return result.device[at].get<std::string>();
}

Messages If(bool applies, const std::string& message) {
  return applies ? Messages{message} : Messages{};
}

Messages OnBattery(const Circumstances&, const Result& result) {
  return If(TextAt(result, "/power/source") == "battery", "this device runs on its battery");
}

// Documentation/ABI/testing/sysfs-platform_profile: quieter and slower than "balanced".
Messages LowPowerProfile(const Circumstances&, const Result& result) {
  const std::string profile = TextAt(result, "/power/profile");
  const bool low = profile == "low-power" || profile == "quiet" || profile == "cool";
  return If(low, fmt::format("the power profile is '{}'", profile));
}

Messages Governor(const Circumstances&, const Result& result) {
  const nlohmann::json::json_pointer at("/cpu/governors");
  if (!result.device.contains(at) || !result.device[at].is_array()) return {};
  std::set<std::string> others;
  for (const nlohmann::json& policy : result.device[at]) {
    const auto found = policy.find("governor");
    if (found == policy.end() || !found->is_string()) continue;
    const auto name = found->get<std::string>();
    if (name != "performance") others.insert(name);
  }
  return If(!others.empty(),
            fmt::format("the clock is governed by '{}'", fmt::join(others, "', '")));
}

Messages HotStart(const Circumstances& c, const Result&) {
  const Heat& heat = c.heat_before;
  if (heat.margin_c && *heat.margin_c < kHotMargin_c) {
    return {
        fmt::format("at the start a sensor was {:.0f} °C below the point where it slows the "
                    "device down",
                    *heat.margin_c)};
  }
  const bool hot = !heat.margin_c && heat.hottest_c && *heat.hottest_c > kHot_c;
  return hot ? Messages{fmt::format("the processor had {:.0f} °C at the start", *heat.hottest_c)}
             : Messages{};
}

Messages Throttled(const Circumstances& c, const Result&) {
  const auto &before = c.heat_before.throttles, &after = c.heat_after.throttles;
  if (before && after && *after > *before) {
    return {fmt::format("the processor slowed down for its heat {} time(s) during the run",
                        *after - *before)};
  }
  if (c.clocks_hz.size() < kFewestClocks) return {};
  const std::size_t quarter = c.clocks_hz.size() / 4;
  const double first = Median(std::span(c.clocks_hz).first(quarter));
  const double last = Median(std::span(c.clocks_hz).last(quarter));
  if (last >= kClockFall * first) return {};
  return {fmt::format("the clock fell from {:.2f} to {:.2f} GHz during the run", first / 1e9,
                      last / 1e9)};
}

Messages BackgroundLoad(const Circumstances& c, const Result&) {
  if (!c.shares || c.shares->others <= kBackgroundShare) return {};
  return {fmt::format("other programs used {:.0f} % of the processors during the run",
                      100 * c.shares->others)};
}

Messages StealTime(const Circumstances& c, const Result&) {
  if (!c.shares || c.shares->steal <= kStealShare) return {};
  return {fmt::format("the host of this virtual machine took {:.0f} % of its processor time away",
                      100 * c.shares->steal)};
}

Messages ShortTimer(const Circumstances& c, const Result&) {
  if (c.shortest_s <= 0 || c.shortest_s >= kTimerSteps * c.timer_step_s) return {};
  return {fmt::format("the shortest repetition took {:.3g} s, the clock moves in steps of {:.3g} s",
                      c.shortest_s, c.timer_step_s)};
}

Messages Swapping(const Circumstances& c, const Result&) {
  if (!c.swapped_pages || *c.swapped_pages < kSwappedPages) return {};
  return {
      fmt::format("{} pages of memory went to or came from swap during the run", *c.swapped_pages)};
}

Messages DebugBuild(const Circumstances& c, const Result&) {
  return If(c.debug_build, "this program was built without optimization");
}

Messages HugePagesUnavailable(const Circumstances&, const Result& result) {
  return If(TextAt(result, "/memory/transparent_huge_pages") == "never",
            "the system gives no transparent huge pages");
}

Messages VirtualMachine(const Circumstances& c, const Result&) {
  return If(!c.hypervisor.empty(), fmt::format("this is a virtual machine ({})", c.hypervisor));
}

Messages SoftwareRenderer(const Circumstances&, const Result& result) {
  std::set<std::string> devices;
  for (const Record& row : result.records) {
    if (row.software) devices.insert(row.device);
  }
  for (const Ceiling& ceiling : result.ceilings) {
    if (ceiling.software) devices.insert(ceiling.device);
  }
  Messages messages;
  for (const std::string& device : devices) {
    messages.push_back(fmt::format("{} is emulated on the processor", device));
  }
  return messages;
}

// "decode decode_rate, prefill ttft": the rows that measured something and of which `is` holds.
template <typename Is>
std::string RowNames(const Result& result, Is is) {
  std::set<std::string> names;
  for (const Record& row : result.records) {
    if (row.status == Status::kOk && is(row)) names.insert(row.workload + " " + row.metric);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

Messages NotConverged(const Circumstances&, const Result& result) {
  const std::string names = RowNames(result, [](const Record& row) { return !row.converged; });
  return If(!names.empty(), "the interval is wider than its target: " + names);
}

Messages Unsteady(const Circumstances&, const Result& result) {
  Messages messages;
  const std::string slower =
      RowNames(result, [](const Record& row) { return row.shape == "slowdown"; });
  if (!slower.empty()) messages.push_back("slowed down while measured: " + slower);
  const std::string none = RowNames(result, [](const Record& row) { return row.shape == "none"; });
  if (!none.empty()) messages.push_back("came to no steady state: " + none);
  return messages;
}

// One message for each device, since its roofs drift together.
Messages RoofDrift(const Circumstances&, const Result& result) {
  // The same thing measured again: curves and other numbers of threads are something else.
  using What = std::tuple<std::string, std::string, int, std::string>;
  std::map<What, std::pair<double, double>> range;
  for (const Ceiling& c : result.ceilings) {
    if (c.metric.ends_with("_latency") || c.backend == "host") continue;
    auto [it, first] =
        range.try_emplace({c.device, c.metric, c.threads, c.params.dump()}, c.value, c.value);
    it->second.first = std::min(it->second.first, c.value);
    it->second.second = std::max(it->second.second, c.value);
  }
  std::map<std::string, std::vector<std::string>> moved;  // by device
  for (const auto& [what, values] : range) {
    if (values.second <= kDrift * values.first) continue;
    moved[std::get<0>(what)].push_back(
        fmt::format("{} by {:.0f} %", std::get<1>(what), 100 * (values.second / values.first - 1)));
  }
  Messages messages;
  for (const auto& [device, roofs] : moved) {
    messages.push_back(
        fmt::format("roofs of {} moved during the run: {}", device, fmt::join(roofs, ", ")));
  }
  return messages;
}

// A device is asked for by its id or by its backend.
Messages DeviceDiffers(const Circumstances&, const Result& result) {
  std::set<std::string> pairs;
  for (const Record& row : result.records) {
    if (row.requested.empty() || row.requested == row.device || row.requested == row.backend) {
      continue;
    }
    pairs.insert(fmt::format("{} was asked for, {} computed", row.requested, row.device));
  }
  return {pairs.begin(), pairs.end()};
}

std::vector<std::string> GpuDriver(const Circumstances&, const Result& result) {
  return GpuTroubles(result.device);
}

constexpr WarningKind kKinds[] = {
    {"on_battery", "A battery feeds the device: many systems slow down for it.",
     "plug the mains adapter in and run again", OnBattery},
    {"low_power_profile", "The platform's profile prefers quiet or cool to fast.",
     "choose the balanced or the performance profile, for instance: powerprofilesctl set "
     "performance",
     LowPowerProfile},
    {"governor", "The clock of some processors may fall when they are briefly idle.",
     "sudo cpupower frequency-set -g performance, and back to what it was afterwards", Governor},
    {"hot_start", "Before anything was measured the device was close to its thermal limit.",
     "let it cool for some minutes, give its vents room, and run again", HotStart},
    {"throttled", "The processor slowed down during the run: thermal events, or a falling clock.",
     "cool the device better, or read the figures as what it sustains; `sustained` shows the "
     "course",
     Throttled},
    {"background_load", "Other programs used more than 5 % of the processors.",
     "end them and run again", BackgroundLoad},
    {"steal_time", "The host took more than 1 % of this virtual machine's time.",
     "run at a quieter time, or on a machine of your own", StealTime},
    {"short_timer", "A repetition lasted fewer than 1000 steps of the clock.",
     "take a larger model, or more tokens", ShortTimer},
    {"swapping", "At least 1 MiB of memory went to or came from swap.",
     "end programs that hold memory, or take a smaller model", Swapping},
    {"debug_build", "The program was built without optimization.", "build the preset `release`",
     DebugBuild},
    {"huge_pages_unavailable", "Weights lie in small pages, which costs bandwidth.",
     "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled", HugePagesUnavailable},
    {"virtual_machine", "A hypervisor was found.",
     "its neighbours share caches and memory; do not compare single runs", VirtualMachine},
    {"software_renderer", "A device is a GPU interface that the processor emulates.",
     "its rows say nothing about a GPU; install the GPU's own driver", SoftwareRenderer},
    {"gpu_driver", "A GPU driver crashed or hung while it was asked for its devices.",
     "reinstall that driver, or remove its file", GpuDriver},
    {"not_converged", "The interval of a median stayed wider than its target.",
     "give the run more time with --time-budget, or quieten the machine", NotConverged},
    {"unsteady", "A row's samples slowed down, or came to no steady state.",
     "let the machine cool and quieten, and run again; other warnings may name the cause",
     Unsteady},
    {"roof_drift", "A roof moved by more than 10 % during the run.",
     "measure on a machine that is not shared and not hot; each row is held against the roof of "
     "its own minutes, but rows of different minutes compare badly",
     RoofDrift},
    {"device_differs", "Another device computed than the one that was asked for.",
     "do not use these rows for the device that was asked for; `inferometer list devices` shows "
     "what there is",
     DeviceDiffers},
    {"careful_kernels", "A device's best kernels computed wrongly, and others run instead.",
     "update the driver; `inferometer verify` tells more, see backends/vulkan/README.md", nullptr},
    {"no_ceilings", "The roofs of a device could not be measured.",
     "its rows stand without a roofline", nullptr},
    {"ceiling_above_theory", "A ceiling is higher than clock, width and pipes, or memory, allow.",
     "the system may tell too low a clock or too small a cache: compare with `core_clock`",
     nullptr},
    {"ceiling_below_theory", "A ceiling is far below what clock, width and pipes, or memory, give.",
     "end other programs, let the device cool, and give it full power", nullptr},
};

const WarningKind& KindOf(std::string_view id) {
  const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [id](const WarningKind& kind) { return kind.id == id; });
  if (found == std::end(kKinds)) {
    throw Error(ExitCode::kRunFailed, fmt::format("no warning is called '{}'", id));
  }
  return *found;
}

}  // namespace

std::span<const WarningKind> WarningKinds() { return kKinds; }

std::vector<Warning> WarningsOf(const Circumstances& circumstances, const Result& result) {
  std::vector<Warning> warnings;
  for (const WarningKind& kind : kKinds) {
    if (kind.find == nullptr) continue;
    for (std::string& message : kind.find(circumstances, result)) {
      warnings.push_back({std::string(kind.id), std::move(message), std::string(kind.remedy)});
    }
  }
  return warnings;
}

Warning MakeWarning(std::string_view id, std::string message) {
  const WarningKind& kind = KindOf(id);
  return {std::string(kind.id), std::move(message), std::string(kind.remedy)};
}

std::string WarningsMarkdown() {
  std::string text = "| warning | when | remedy |\n|---|---|---|\n";
  for (const WarningKind& kind : kKinds) {
    text += fmt::format("| `{}` | {} | {} |\n", kind.id, kind.when, kind.remedy);
  }
  return text;
}

}  // namespace inferometer
