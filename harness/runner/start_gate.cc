// Waits for load and temperature to settle.
#include "harness/runner/start_gate.h"

#include <fmt/format.h>

#include <algorithm>

namespace inferometer {
namespace {

constexpr double kStretch_s = 0.5;  // /proc/stat counts in steps of 10 ms: 2 % of this
constexpr double kBusy = 0.05;
constexpr double kCooling_c = 1;  // the step of most sensors
constexpr double kBudgetShare = 0.05;

}  // namespace

double GateLimit(double preset_s, double budget_s) {
  return std::min(preset_s, kBudgetShare * budget_s);
}

GateResult WaitUntilSettled(const GateHooks& hooks, double limit_s) {
  GateResult gate;
  const double start_s = hooks.now();
  if (limit_s < kStretch_s) {
    gate.why = "the time budget leaves no room to wait";
    return gate;
  }
  for (;;) {
    const auto times = hooks.load();
    const Heat heat = hooks.heat();
    hooks.sleep(kStretch_s);
    gate.waited_s = hooks.now() - start_s;
    const auto times_now = hooks.load();
    const Heat heat_now = hooks.heat();
    gate.load.reset();
    if (times && times_now) gate.load = SharesBetween(*times, *times_now).others;
    gate.hottest_c = heat_now.hottest_c;
    gate.why.clear();
    if (gate.load && *gate.load > kBusy) {
      gate.why = fmt::format("other programs use {:.0f} % of the processors", 100 * *gate.load);
    } else if (heat.hottest_c && heat_now.hottest_c &&
               *heat.hottest_c - *heat_now.hottest_c >= kCooling_c) {
      gate.why = fmt::format("the processor is cooling down, {:.0f} °C now", *heat_now.hottest_c);
    }
    gate.settled = gate.why.empty();
    if (gate.settled || hooks.stop() || gate.waited_s + kStretch_s > limit_s) return gate;
    hooks.waiting();
  }
}

nlohmann::json Describe(const GateResult& gate, double limit_s) {
  const auto number = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  return {{"waited_s", gate.waited_s},
          {"limit_s", limit_s},
          {"settled", gate.settled},
          {"reason", gate.why.empty() ? nlohmann::json() : nlohmann::json(gate.why)},
          {"others_share", number(gate.load)},
          {"hottest_c", number(gate.hottest_c)}};
}

}  // namespace inferometer
