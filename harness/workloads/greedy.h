// Greedy generation one token at a time, and when each token was there.
#ifndef INFEROMETER_HARNESS_WORKLOADS_GREEDY_H_
#define INFEROMETER_HARNESS_WORKLOADS_GREEDY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "harness/workloads/workload.h"
#include "models/step.h"

namespace inferometer {

class Session;

struct Generation {
  std::vector<std::int32_t> ids;
  std::vector<double> times_s;  // of each since t0
};

// Runs `token` and then each greedy choice after it, end-of-sequence or not, until `tokens` more
// have been chosen; `t0_s` is on the clock of `now`.
void Generate(Session& session, const std::function<double()>& now, double t0_s, TokenAt token,
              std::size_t tokens, Generation& generation);

// The window in which tokens come one at a time: from the first token to the last.
Window DecodeWindow(const Generation& generation, double t0_s);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_GREEDY_H_
