// Which sessions a run needs: cases share one where that costs no memory.
#ifndef INFEROMETER_HARNESS_RUNNER_SESSIONS_H_
#define INFEROMETER_HARNESS_RUNNER_SESSIONS_H_

#include <cstddef>
#include <vector>

#include "harness/runner/selection.h"
#include "models/plan.h"

namespace inferometer {

struct SessionPlan {
  // The first always exists: it is where workloads with own_session are checked, too.
  std::vector<PlanLimits> sessions;
  // By case: indices of `sessions`, one for each of its limits.
  std::vector<std::vector<std::size_t>> of_case;
};

// Two share a session when they store their cache alike and when its cache is no larger than
// theirs apart. Cases that cannot run (why_not) need none.
SessionPlan PlanSessions(const std::vector<SelectedCase>& cases);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_SESSIONS_H_
