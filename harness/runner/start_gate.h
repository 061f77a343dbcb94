// Waits before measuring until other programs and the temperature have settled, up to a limit.
#ifndef INFEROMETER_HARNESS_RUNNER_START_GATE_H_
#define INFEROMETER_HARNESS_RUNNER_START_GATE_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/runner/heat.h"
#include "harness/runner/machine.h"

namespace inferometer {

struct GateHooks {
  std::function<double()> now;                // s
  std::function<void(double seconds)> sleep;  // may return early when it is time to stop
  std::function<bool()> stop;
  std::function<std::optional<CpuTimes>()> load;  // empty: not known here
  std::function<Heat()> heat;
  std::function<void()> waiting;  // before each further stretch of waiting
};

struct GateResult {
  double waited_s = 0;
  bool settled = false;
  std::string why;  // what had not settled when the limit came, or why there was no waiting
  std::optional<double> load;  // share of the processors that others used in the last look
  std::optional<double> hottest_c;
};

// Looks over stretches of half a second: settled is one in which others used at most a twentieth of
// the processors and the hottest sensor did not cool by a degree or more. The first look is part of
// the limit too; below it nothing is looked at.
GateResult WaitUntilSettled(const GateHooks& hooks, double limit_s);

// The result's run.start_gate.
nlohmann::json Describe(const GateResult& gate, double limit_s);

// How long a run with this budget may wait: `preset_s`, at most a twentieth of the budget.
double GateLimit(double preset_s, double budget_s);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_START_GATE_H_
