// Sample quantiles.
#ifndef INFEROMETER_HARNESS_STATS_QUANTILE_H_
#define INFEROMETER_HARNESS_STATS_QUANTILE_H_

#include <span>

namespace inferometer {

// The quantile of type 7 (Hyndman, Fan 1996: Sample Quantiles in Statistical Packages): linear
// between order statistics at (n - 1) p, the default of R and of numpy. p in [0, 1]. NaN when
// empty.
double Quantile(std::span<const double> samples, double p);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_QUANTILE_H_
