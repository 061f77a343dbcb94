// Decides the warnings.
#include "harness/runner/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace inferometer {
namespace {

// A duration should be this many timer steps, so that the step stays below 0.1 % of it.
constexpr double kTimerSteps = 1000;
constexpr double kBackgroundShare = 0.05;
constexpr double kStealShare = 0.01;
constexpr double kDrift = 1.10;

void AddRoofDrift(const Result& result, std::vector<Warning>& warnings) {
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
  for (const auto& [what, values] : range) {
    if (values.second <= kDrift * values.first) continue;
    warnings.push_back({"roof_drift",
                        fmt::format("{} of {} moved by {:.0f} % during the run", std::get<1>(what),
                                    std::get<0>(what), 100 * (values.second / values.first - 1)),
                        "measure on a machine that is not shared and not hot; each row is held "
                        "against the roof of "
                        "its own minutes, but rows of different minutes compare badly"});
  }
}

}  // namespace

std::vector<Warning> WarningsOf(const Circumstances& c, const Result& result) {
  std::vector<Warning> warnings;
  if (c.shortest_s > 0 && c.shortest_s < kTimerSteps * c.timer_step_s) {
    warnings.push_back(
        {"short_timer",
         fmt::format("the shortest repetition took {:.3g} s, the clock moves in steps "
                     "of {:.3g} s",
                     c.shortest_s, c.timer_step_s),
         "take a larger model, or more tokens"});
  }
  if (c.shares && c.shares->others > kBackgroundShare) {
    warnings.push_back({"background_load",
                        fmt::format("other programs used {:.0f} % of the processors during the run",
                                    100 * c.shares->others),
                        "end them and run again"});
  }
  if (c.shares && c.shares->steal > kStealShare) {
    warnings.push_back(
        {"steal_time",
         fmt::format("the host of this virtual machine took {:.0f} % of its processor "
                     "time away",
                     100 * c.shares->steal),
         "run at a quieter time, or on a machine of your own"});
  }
  std::set<std::string> open;
  for (const Record& row : result.records) {
    if (row.status == Status::kOk && !row.converged) open.insert(row.workload + " " + row.metric);
  }
  if (!open.empty()) {
    std::string names;
    for (const std::string& name : open) names += (names.empty() ? "" : ", ") + name;
    warnings.push_back({"not_converged",
                        fmt::format("the interval is wider than its target: {}", names),
                        "give the run more time with --time-budget, or quieten the machine"});
  }
  AddRoofDrift(result, warnings);
  if (c.debug_build) {
    warnings.push_back({"debug_build", "this program was built without optimization",
                        "build the preset `release`"});
  }
  std::set<std::string> software;
  for (const Record& row : result.records) {
    if (row.software) software.insert(row.device);
  }
  for (const std::string& device : software) {
    warnings.push_back({"software_renderer", fmt::format("{} is emulated on the processor", device),
                        "its rows say nothing about a GPU; install the GPU's own driver"});
  }
  if (!c.hypervisor.empty()) {
    warnings.push_back({"virtual_machine",
                        fmt::format("this is a virtual machine ({})", c.hypervisor),
                        "its neighbours share caches and memory; do not compare single runs"});
  }
  return warnings;
}

}  // namespace inferometer
