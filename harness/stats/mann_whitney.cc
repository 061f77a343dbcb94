// The Mann–Whitney test, exact for small samples.
#include "harness/stats/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "harness/stats/rank_counts.h"

namespace inferometer {
namespace {

constexpr std::size_t kExactSamples = 60;

}  // namespace

RankTest MannWhitney(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return {};
  std::vector<std::pair<double, bool>> all;  // value, from a
  for (const double x : a) all.emplace_back(x, true);
  for (const double x : b) all.emplace_back(x, false);
  std::sort(all.begin(), all.end());
  const std::size_t n = all.size();

  // Twice the mid-ranks are integers: ties at sorted places i..j-1 share i + 1 + j.
  std::vector<std::size_t> ranks(n);
  std::size_t sum_a = 0;
  double ties = 0;  // sum of t³ - t
  for (std::size_t i = 0; i < n;) {
    std::size_t j = i;
    while (j < n && all[j].first == all[i].first) ++j;
    for (std::size_t k = i; k < j; ++k) {
      ranks[k] = i + 1 + j;
      if (all[k].second) sum_a += ranks[k];
    }
    const auto t = static_cast<double>(j - i);
    ties += t * t * t - t;
    i = j;
  }

  const auto size_a = static_cast<double>(a.size()), size_b = static_cast<double>(b.size());
  RankTest test;
  test.statistic = static_cast<double>(sum_a) / 2 - size_a * (size_a + 1) / 2;
  const double mean = size_a * size_b / 2;
  const double distance = std::abs(test.statistic - mean);
  if (n <= kExactSamples) {
    test.exact = true;
    const std::vector<double> shares = SubsetSums(ranks, a.size());
    test.p = 0;
    for (std::size_t s = 0; s < shares.size(); ++s) {
      const double u = static_cast<double>(s) / 2 - size_a * (size_a + 1) / 2;
      if (std::abs(u - mean) >= distance) test.p += shares[s];
    }
    test.p = std::min(1.0, test.p);
    return test;
  }
  const auto d = static_cast<double>(n);
  const double variance = size_a * size_b / 12 * (d + 1 - ties / (d * (d - 1)));
  if (variance <= 0) return test;
  const double z = std::max(0.0, distance - 0.5) / std::sqrt(variance);
  test.p = std::erfc(z / std::sqrt(2.0));
  return test;
}

}  // namespace inferometer
