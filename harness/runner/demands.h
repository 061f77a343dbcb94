// What the preset `leaderboard` demands beyond the others: what validation would refuse later is
// refused before anything is measured.
#ifndef INFEROMETER_HARNESS_RUNNER_DEMANDS_H_
#define INFEROMETER_HARNESS_RUNNER_DEMANDS_H_

#include <nlohmann/json.hpp>

#include "harness/runner/run.h"

namespace inferometer {

// Throws Error(kUsage) that names the flag when the request cannot lead to a result that the
// leaderboard takes: seed 1, every workload of the preset, with waiting, an optimized build.
void CheckDemands(const RunRequest& request, bool debug_build);

// Throws Error(kRunFailed) that says what is not quiet, when the machine did not settle within the
// time that the preset waits. `run` has the result's start_gate.
void RequireQuiet(const RunRequest& request, const nlohmann::json& run);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_DEMANDS_H_
