// A short look at how fast a device multiplies, to choose between kernel sets and to estimate time.
#ifndef INFEROMETER_HARNESS_RUNNER_CALIBRATE_H_
#define INFEROMETER_HARNESS_RUNNER_CALIBRATE_H_

#include <cstddef>
#include <functional>
#include <span>

#include "backends/device.h"
#include "harness/workloads/work.h"

namespace inferometer {

struct Speed {
  double bytes_per_s = 0;       // of weights, one token at a time
  double operations_per_s = 0;  // 64 tokens at a time

  // Decode and prefill weigh the same: the geometric mean of the two.
  double Score() const;
  // What a work would take at this speed, s; 0 when nothing was measured.
  double SecondsFor(const Work& work) const;
};

// Multiplies with seeded matrices in the format for about `seconds`. Throws Error when the device
// does not support that, or fails.
Speed Calibrate(Device& device, QuantId format, double seconds, const std::function<double()>& now);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_CALIBRATE_H_
