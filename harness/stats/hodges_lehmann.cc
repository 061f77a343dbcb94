// Hodges–Lehmann estimates of a shift, paired and unpaired.
#include "harness/stats/hodges_lehmann.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "harness/stats/median.h"
#include "harness/stats/rank_counts.h"

namespace inferometer {
namespace {

constexpr std::size_t kExactPaired = 300;
constexpr std::size_t kExactUnpaired = 100;

// The z with P(Z > z) = tail, by bisection on erfc.
double UpperNormal(double tail) {
  double low = 0, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) / 2 > tail ? low : high) = middle;
  }
  return low;
}

// Rank from the normal approximation of a distribution over 0..maximum with that variance.
std::size_t NormalRank(double maximum, double variance, double tail) {
  return static_cast<std::size_t>(
      std::max(0.0, std::floor(maximum / 2 - UpperNormal(tail) * std::sqrt(variance))));
}

// The median of `values` and those `rank` from either end; sorts them.
Shift ShiftOf(std::vector<double>& values, std::size_t rank) {
  std::sort(values.begin(), values.end());
  Shift shift{Median(values), std::nullopt};
  if (rank > 0) shift.interval = Interval{values[rank - 1], values[values.size() - rank]};
  return shift;
}

}  // namespace

Shift PairedShift(std::span<const double> differences, double confidence) {
  const std::size_t n = differences.size();
  if (n == 0) return {std::numeric_limits<double>::quiet_NaN(), std::nullopt};
  std::vector<double> averages;
  averages.reserve(n * (n + 1) / 2);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i; j < n; ++j) averages.push_back((differences[i] + differences[j]) / 2);
  }
  const double tail = (1 - confidence) / 2;
  if (n > kExactPaired) {
    const auto d = static_cast<double>(n);
    return ShiftOf(averages, NormalRank(d * (d + 1) / 2, d * (d + 1) * (2 * d + 1) / 24, tail));
  }
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  return ShiftOf(averages, LowerTailRank(SubsetSums(ranks), tail));
}

Shift UnpairedShift(std::span<const double> a, std::span<const double> b, double confidence) {
  if (a.empty() || b.empty()) return {std::numeric_limits<double>::quiet_NaN(), std::nullopt};
  std::vector<double> differences;
  differences.reserve(a.size() * b.size());
  for (const double y : b) {
    for (const double x : a) differences.push_back(y - x);
  }
  const double tail = (1 - confidence) / 2;
  const std::size_t n = a.size() + b.size();
  if (n > kExactUnpaired) {
    const double product = static_cast<double>(a.size()) * static_cast<double>(b.size());
    return ShiftOf(differences,
                   NormalRank(product, product * static_cast<double>(n + 1) / 12, tail));
  }
  // U of the smaller sample is its rank sum less the least possible one.
  const std::size_t m = std::min(a.size(), b.size());
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const std::vector<double> sums = SubsetSums(ranks, m);
  return ShiftOf(differences, LowerTailRank(std::span(sums).subspan(m * (m + 1) / 2), tail));
}

}  // namespace inferometer
