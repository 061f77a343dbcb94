// Whether a median is known well enough.
#include "harness/stats/known.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/median.h"

namespace inferometer {

bool IsKnown(std::span<const double> samples, double target, double least) {
  const std::optional<Interval> interval = MedianInterval95(samples);
  return interval && (interval->high - interval->low) / 2 <=
                         std::max(least, target * std::abs(Median(samples)));
}

}  // namespace inferometer
