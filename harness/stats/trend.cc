// The Theil–Sen line and the Mann–Kendall test.
#include "harness/stats/trend.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/median.h"

namespace inferometer {

Line TheilSen(std::span<const double> x, std::span<const double> y) {
  std::vector<double> slopes;
  const std::size_t n = std::min(x.size(), y.size());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      if (x[i] != x[j]) slopes.push_back((y[j] - y[i]) / (x[j] - x[i]));
    }
  }
  const double slope = Median(slopes);
  return {slope, Median(y.first(n)) - slope * Median(x.first(n))};
}

TrendTest MannKendall(std::span<const double> samples) {
  TrendTest test;
  const std::size_t n = samples.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      test.s += (samples[j] > samples[i]) - (samples[j] < samples[i]);
    }
  }
  const auto weight = [](double t) { return t * (t - 1) * (2 * t + 5); };
  double variance = weight(static_cast<double>(n));
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < n;) {
    std::size_t j = i;
    while (j < n && sorted[j] == sorted[i]) ++j;
    variance -= weight(static_cast<double>(j - i));
    i = j;
  }
  variance /= 18;
  if (variance <= 0 || test.s == 0) return test;
  test.z = (test.s > 0 ? test.s - 1 : test.s + 1) / std::sqrt(variance);
  test.p = std::erfc(std::abs(test.z) / std::sqrt(2.0));
  return test;
}

}  // namespace inferometer
