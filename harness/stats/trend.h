// Trends: how steep, and whether there is one at all.
#ifndef INFEROMETER_HARNESS_STATS_TREND_H_
#define INFEROMETER_HARNESS_STATS_TREND_H_

#include <span>

namespace inferometer {

struct Line {
  double slope = 0, intercept = 0;  // NaN below two different x
};

// Theil 1950, Sen 1968: the median slope over all pairs with different x; the intercept is
// median(y) - slope · median(x). x and y have the same size.
Line TheilSen(std::span<const double> x, std::span<const double> y);

struct TrendTest {
  double s = 0;  // pairs that rise less pairs that fall
  double z = 0;  // with continuity correction
  double p = 1;  // two-sided
};

// Mann 1945, Kendall 1975: is there a monotone trend? Normal approximation with correction for
// ties, which is good from about 10 samples on. p = 1 when all are equal.
TrendTest MannKendall(std::span<const double> samples);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_TREND_H_
