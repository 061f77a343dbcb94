// A least-squares line and how well it fits.
#ifndef INFEROMETER_HARNESS_STATS_LINEAR_FIT_H_
#define INFEROMETER_HARNESS_STATS_LINEAR_FIT_H_

#include <span>

namespace inferometer {

struct LinearFit {
  double intercept = 0, slope = 0;
  double r_squared = 0;  // 1 - residual / total; 1 when y is constant
};

// y = intercept + slope · x. x and y have the same size. NaN below two different x.
LinearFit FitLine(std::span<const double> x, std::span<const double> y);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_LINEAR_FIT_H_
