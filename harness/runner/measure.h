// The measuring loop: runs what the schedule asks for, with clock and executor handed in.
#ifndef INFEROMETER_HARNESS_RUNNER_MEASURE_H_
#define INFEROMETER_HARNESS_RUNNER_MEASURE_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/runner/schedule.h"
#include "harness/workloads/workload.h"

namespace inferometer {

struct TimedRepetition {
  Repetition repetition;
  double start_s = 0, end_s = 0;  // on the loop's clock
};

// All that was seen of one arm.
struct ArmLog {
  std::optional<TimedRepetition> cold;
  std::size_t warmups = 0;
  std::vector<TimedRepetition> samples;
  std::string failure;      // not empty: the case failed, and why
  std::string unsupported;  // not empty: it cannot be measured here, and why
};

struct LoopHooks {
  std::function<double()> now;                               // s
  std::function<Repetition(std::size_t arm)> execute;        // may throw
  std::function<std::vector<RowKey>(std::size_t arm)> rows;  // that a repetition yields, in order
  // Before each repetition, with what it will count as. Not timed.
  std::function<void(std::size_t arm, Role role)> before;
  std::function<bool()> stop;
};

struct LoopResult {
  std::vector<ArmLog> logs;        // by arm
  std::vector<std::size_t> order;  // the arms as they were repeated
  bool stopped = false;
};

// Runs until the schedule has nothing left or `stop` turns true. A repetition that throws, that
// lacks a metric of its arm or whose facts differ from the first one's fails its arm; the loop goes
// on with the others.
LoopResult Measure(Schedule& schedule, const LoopHooks& hooks);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_MEASURE_H_
