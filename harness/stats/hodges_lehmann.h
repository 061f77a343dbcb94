// Hodges–Lehmann estimates of a shift, with exact rank intervals.
#ifndef INFEROMETER_HARNESS_STATS_HODGES_LEHMANN_H_
#define INFEROMETER_HARNESS_STATS_HODGES_LEHMANN_H_

#include <optional>
#include <span>

#include "harness/stats/interval.h"

namespace inferometer {

struct Shift {
  double estimate = 0;               // NaN when there are no samples
  std::optional<Interval> interval;  // absent where so few samples cannot give the confidence
};

// Of paired differences: the median of their Walsh averages (x_i + x_j) / 2, i <= j, and the
// interval of the signed-rank test at that confidence (Hollander, Wolfe, Chicken: Nonparametric
// Statistical Methods, 3rd ed., sections 3.2 and 3.3). The null distribution is exact up to 300
// differences and normal beyond. 95 % needs at least 6 differences.
Shift PairedShift(std::span<const double> differences, double confidence = 0.95);

// Of b against a, unpaired: the median of all b_j - a_i, and the interval of the Mann–Whitney test
// (same book, sections 4.2 and 4.3); exact up to 100 samples in all, normal beyond.
Shift UnpairedShift(std::span<const double> a, std::span<const double> b, double confidence = 0.95);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_HODGES_LEHMANN_H_
