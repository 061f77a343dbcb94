// Where a measurement stands below the roofs of its own minutes (roofline_v1).
#ifndef INFEROMETER_HARNESS_RUNNER_ROOF_H_
#define INFEROMETER_HARNESS_RUNNER_ROOF_H_

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/workloads/work.h"
#include "results/record.h"

namespace inferometer {

// The ceilings that hold for one moment; 0 where none was measured.
struct Roofs {
  double read_bandwidth = 0;  // B/s
  // By NumberType: PeakOf (models/peaks.h).
  std::array<double, kNumberTypes> peak{};
  std::array<std::string_view, kNumberTypes> metric = {};  // which ceiling that is
};

// The better of the last ceilings measured before `start_s` and the first after `end_s`, of that
// device: a shared machine drifts, and a roof must not be lower than what the machine gave just
// then.
Roofs RoofsAround(std::span<const Ceiling> ceilings, std::string_view device, double start_s,
                  double end_s);

// The best of the whole run.
Roofs BestRoofs(std::span<const Ceiling> ceilings, std::string_view device);

struct Bound {
  double least_s = 0;  // the work cannot be done faster
  std::string bound;   // "memory" or "compute"
  std::string roof;    // the ceiling that binds
};

// max(bytes / read bandwidth, sum over types of operations / peak). Empty when a roof that the work
// needs was not measured.
std::optional<Bound> BoundOf(const Work& work, const Roofs& roofs);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_ROOF_H_
