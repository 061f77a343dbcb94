// How a series of repetitions behaved: steady, warming up, slowing down, or none of these.
#ifndef INFEROMETER_HARNESS_STATS_SHAPE_H_
#define INFEROMETER_HARNESS_STATS_SHAPE_H_

#include <span>
#include <string_view>

namespace inferometer {

enum class Shape {
  kFlat,      // one level throughout
  kWarmup,    // the last level is the best and has held for a while
  kSlowdown,  // a later level is worse than an earlier one and has held, or it keeps getting worse
  kNone,      // no steady state: levels still change at the end, or two modes alternate
};

std::string_view NameOf(Shape shape);  // "flat", "warmup", "slowdown", "none"

// After Barrett et al. 2017 (Virtual Machine Warmup Blows Hot and Cold, OOPSLA), on change points:
// - levels within 1 % of each other count as the same;
// - a last level that holds less than a quarter of the samples is no steady state, unless every
//   change was for the worse;
// - two modes, in the whole or within one level: the widest gap between sorted samples parts at
//   least a quarter from the rest, is wider than 5 % of the median and than three times the spread
//   (80 % range) within either part.
Shape ShapeOf(std::span<const double> samples, bool higher_is_better);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_SHAPE_H_
