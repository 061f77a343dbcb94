// `calibrate`: how much a machine differs from itself, and how small a change it can show.
#ifndef INFEROMETER_HARNESS_GATE_CALIBRATE_H_
#define INFEROMETER_HARNESS_GATE_CALIBRATE_H_

#include <cstddef>
#include <span>
#include <string>

#include "harness/gate/interleave.h"
#include "harness/gate/policy.h"

namespace inferometer {

// The noise of one row out of the log ratios of pairs of one build with itself, for a confirming
// stage of `confirm_pairs` and a threshold: 2000 resamples of that many pairs, from the ratios and
// their negatives, since neither arm is the better one.
RowNoise NoiseOf(const std::string& row, std::span<const double> worse, std::size_t confirm_pairs,
                 double threshold);

// Runs both arms, which are the same build, for so many pairs, and returns the policy with the
// calibration in it. Throws what an arm throws, and Error(kInconclusive) when fewer than 6 pairs
// were run before the policy's time was up or when the control moved.
Policy Calibrate(const Arms& arms, Policy policy, std::size_t pairs, const std::string& now_utc);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_CALIBRATE_H_
