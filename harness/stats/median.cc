// The median and its order-statistic interval.
#include "harness/stats/median.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace inferometer {

double Median(std::span<const double> samples) {
  if (samples.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::size_t MedianIntervalRank(std::size_t n) {
  // Terms of the binomial are carried as logarithms, so that 2^-n does not underflow. A sum can not
  // equal 1/40 exactly, so rounding does not decide.
  double log_term = -static_cast<double>(n) * std::log(2.0);
  double below = 0;
  std::size_t rank = 0;
  while (rank < n) {
    below += std::exp(log_term);
    if (below > 0.025) break;
    log_term += std::log(static_cast<double>(n - rank) / static_cast<double>(rank + 1));
    ++rank;
  }
  return rank;
}

std::optional<Interval> MedianInterval95(std::span<const double> samples) {
  const std::size_t rank = MedianIntervalRank(samples.size());
  if (rank == 0) return std::nullopt;
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  return Interval{sorted[rank - 1], sorted[sorted.size() - rank]};
}

}  // namespace inferometer
