// Robust spread: the median absolute deviation and the outliers it shows.
#ifndef INFEROMETER_HARNESS_STATS_SPREAD_H_
#define INFEROMETER_HARNESS_STATS_SPREAD_H_

#include <cstddef>
#include <span>
#include <vector>

namespace inferometer {

// The median of |x - median|, unscaled. NaN when empty.
double Mad(std::span<const double> samples);

// 0.6745 (x - median) / MAD of each sample (Iglewicz, Hoaglin 1993: How to Detect and Handle
// Outliers). Where MAD is 0 the mean absolute deviation times 1.253314 takes its place, as they
// propose; all zero when the samples are equal.
std::vector<double> ModifiedZ(std::span<const double> samples);

// Indices of samples with |modified z| > 3.5, the limit of the same source, in order.
std::vector<std::size_t> Outliers(std::span<const double> samples);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_SPREAD_H_
