// Doubts about a run that can be decided from what was seen, each with a remedy.
#ifndef INFEROMETER_HARNESS_RUNNER_WARNINGS_H_
#define INFEROMETER_HARNESS_RUNNER_WARNINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "harness/runner/machine.h"
#include "results/record.h"

namespace inferometer {

struct Circumstances {
  double timer_step_s = 0;
  double shortest_s = 0;  // the shortest repetition that was timed; 0: none
  std::optional<CpuShares> shares;
  bool debug_build = false;
  std::string hypervisor;  // empty: none, or unknown
};

// short_timer, background_load, steal_time, not_converged, roof_drift, gpu_driver, debug_build,
// software_renderer, virtual_machine.
std::vector<Warning> WarningsOf(const Circumstances& circumstances, const Result& result);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_WARNINGS_H_
