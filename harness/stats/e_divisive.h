// Where the distribution of a series changes, each change with its significance.
#ifndef INFEROMETER_HARNESS_STATS_E_DIVISIVE_H_
#define INFEROMETER_HARNESS_STATS_E_DIVISIVE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace inferometer {

struct Divide {
  std::size_t at = 0;  // index of the first sample after the change
  double p = 1;        // by permutation
};

struct EDivisiveOptions {
  double significance = 0.001;      // a change has at most this p
  std::size_t least_segment = 3;    // samples on either side, so that a spike is no change
  std::size_t permutations = 1999;  // p is a multiple of 1/(permutations + 1)
  std::uint64_t seed = 1;
};

// E-Divisive (Matteson, James 2014: A Nonparametric Approach for Multiple Change Point Analysis of
// Multivariate Data, JASA 109): the split that most parts two segments by energy distance, with
// exponent 1, is kept when so few permutations within the segments part as well; then again within
// the parts, until the best split of any of them is not significant. In order of place. The same
// answer everywhere for the same seed.
std::vector<Divide> EDivisive(std::span<const double> samples,
                              const EDivisiveOptions& options = {});

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_E_DIVISIVE_H_
