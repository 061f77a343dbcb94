// The bootstrap and the moving-block bootstrap.
//
// A resample is made of blocks that start at Below(n - block + 1) of one Random(seed), drawn in
// order; the last block is cut to length. With block 1 this is Efron's resample.
#include "harness/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/random.h"
#include "harness/stats/quantile.h"

namespace inferometer {

std::optional<Interval> Bootstrap(std::span<const double> samples, const Statistic& statistic,
                                  const BootstrapOptions& options) {
  const std::size_t n = samples.size();
  if (n == 0 || options.resamples == 0 || options.block == 0 || options.block > n) {
    return std::nullopt;
  }
  Random random(options.seed);
  std::vector<double> resample(n), statistics;
  statistics.reserve(options.resamples);
  for (std::size_t r = 0; r < options.resamples; ++r) {
    for (std::size_t at = 0; at < n; at += options.block) {
      const std::size_t start = random.Below(n - options.block + 1);
      const std::size_t length = std::min(options.block, n - at);
      std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(start), length,
                  resample.begin() + static_cast<std::ptrdiff_t>(at));
    }
    statistics.push_back(statistic(resample));
  }
  const double tail = (1 - options.confidence) / 2;
  return Interval{Quantile(statistics, tail), Quantile(statistics, 1 - tail)};
}

std::size_t BlockLength(std::size_t samples) {
  // The small allowance keeps cubes exact: cbrt(27) may come out above 3.
  return static_cast<std::size_t>(std::ceil(std::cbrt(static_cast<double>(samples)) - 1e-9));
}

}  // namespace inferometer
