// The Mann–Whitney test: do two samples come from the same distribution?
#ifndef INFEROMETER_HARNESS_STATS_MANN_WHITNEY_H_
#define INFEROMETER_HARNESS_STATS_MANN_WHITNEY_H_

#include <span>

namespace inferometer {

struct RankTest {
  double statistic = 0;  // U of `a`: pairs with a above b, ties counting one half
  double p = 1;          // two-sided
  bool exact = false;
};

// Mann, Whitney 1947. Exact, conditional on the ties (all assignments of the mid-ranks), up to 60
// samples in all; beyond that normal with tie and continuity correction. p = 1 when either is
// empty.
RankTest MannWhitney(std::span<const double> a, std::span<const double> b);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_MANN_WHITNEY_H_
