// E-Divisive change points of a series of numbers.
#include "harness/stats/e_divisive.h"

#include <algorithm>
#include <cmath>

#include "harness/base/random.h"

namespace inferometer {
namespace {

struct Split {
  std::size_t at = 0;  // samples before it; 0: none
  double q = 0;
};

// The split with the largest scaled energy distance q = mn/(m+n) (2 E|X-Y| - E|X-X'| - E|Y-Y'|).
// Moving one sample from the right part to the left changes three sums by its distances to either.
Split BestSplit(std::span<const double> x, std::size_t least) {
  const std::size_t n = x.size();
  Split best;
  if (n < 2 * least) return best;
  double between = 0, left = 0, right = 0;  // sums over pairs
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) right += std::abs(x[i] - x[j]);
  }
  for (std::size_t m = 1; m + least <= n; ++m) {
    double to_left = 0, to_right = 0;  // of the sample that moves
    for (std::size_t j = 0; j + 1 < m; ++j) to_left += std::abs(x[m - 1] - x[j]);
    for (std::size_t j = m; j < n; ++j) to_right += std::abs(x[m - 1] - x[j]);
    left += to_left;
    right -= to_right;
    between += to_right - to_left;
    if (m < least) continue;
    const auto a = static_cast<double>(m), b = static_cast<double>(n - m);
    const double within_left = m > 1 ? left / (a * (a - 1) / 2) : 0;
    const double within_right = n - m > 1 ? right / (b * (b - 1) / 2) : 0;
    const double q = a * b / (a + b) * (2 * between / (a * b) - within_left - within_right);
    if (q > best.q) best = {m, q};
  }
  return best;
}

double PermutationP(std::vector<double> x, double q, const EDivisiveOptions& options,
                    Random& random) {
  std::size_t as_good = 0;
  for (std::size_t r = 0; r < options.permutations; ++r) {
    for (std::size_t i = x.size(); i > 1; --i) std::swap(x[i - 1], x[random.Below(i)]);
    if (BestSplit(x, options.least_segment).q >= q) ++as_good;
  }
  return static_cast<double>(as_good + 1) / static_cast<double>(options.permutations + 1);
}

void Divides(std::span<const double> samples, std::size_t offset, const EDivisiveOptions& options,
             Random& random, std::vector<Divide>& found) {
  const Split split = BestSplit(samples, options.least_segment);
  if (split.at == 0) return;
  const double p = PermutationP({samples.begin(), samples.end()}, split.q, options, random);
  if (p > options.significance) return;
  Divides(samples.first(split.at), offset, options, random, found);
  found.push_back({offset + split.at, p});
  Divides(samples.subspan(split.at), offset + split.at, options, random, found);
}

}  // namespace

std::vector<Divide> EDivisive(std::span<const double> samples, const EDivisiveOptions& options) {
  std::vector<Divide> found;
  Random random(options.seed);
  Divides(samples, 0, options, random, found);
  return found;
}

}  // namespace inferometer
