// The median and its distribution-free confidence interval.
#ifndef INFEROMETER_HARNESS_STATS_MEDIAN_H_
#define INFEROMETER_HARNESS_STATS_MEDIAN_H_

#include <cstddef>
#include <optional>
#include <span>

#include "harness/stats/interval.h"

namespace inferometer {

// The middle value, or the mean of the two middle ones (Python's statistics.median). NaN when
// empty.
double Median(std::span<const double> samples);

// The rank k, counted from 1, for which the k-th smallest and the k-th largest of n independent
// samples enclose the median with a probability of at least 95 %: the largest k with
// P(Bin(n, 1/2) < k) <= 0.025 (David, Nagaraja: Order Statistics, 3rd ed., section 7.1). 0 when
// there is none, which is so below n = 6.
std::size_t MedianIntervalRank(std::size_t n);

// The samples at that rank from below and from above; absent below 6 samples.
std::optional<Interval> MedianInterval95(std::span<const double> samples);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_MEDIAN_H_
