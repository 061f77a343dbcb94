// Null distributions of rank statistics, as exact counts.
#ifndef INFEROMETER_HARNESS_STATS_RANK_COUNTS_H_
#define INFEROMETER_HARNESS_STATS_RANK_COUNTS_H_

#include <cstddef>
#include <span>
#include <vector>

namespace inferometer {

// For each sum s, the share of all subsets of `ranks` that sum to s.
std::vector<double> SubsetSums(std::span<const std::size_t> ranks);

// The same over the subsets of exactly `size` elements.
std::vector<double> SubsetSums(std::span<const std::size_t> ranks, std::size_t size);

// The largest k with P(X < k) <= tail for a distribution over 0, 1, 2 ...; 0 when there is none.
std::size_t LowerTailRank(std::span<const double> distribution, double tail);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_RANK_COUNTS_H_
