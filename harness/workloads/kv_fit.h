// The time of a token as a line over the tokens cached before it.
#ifndef INFEROMETER_HARNESS_WORKLOADS_KV_FIT_H_
#define INFEROMETER_HARNESS_WORKLOADS_KV_FIT_H_

#include <cstdint>
#include <span>

#include "harness/stats/linear_fit.h"

namespace inferometer {

struct DepthTime {
  double depth = 0;    // cached tokens
  double token_s = 0;  // of one token behind them
};

// Of the steps that decode_rate_v1 times when `tokens` are generated behind `depth` cached ones:
// the second one to the last.
double MeanDepth(std::int64_t depth, std::int64_t tokens);

// token_s = intercept + slope · depth, by least squares. Throws Error below three depths.
LinearFit FitDepth(std::span<const DepthTime> points);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_KV_FIT_H_
