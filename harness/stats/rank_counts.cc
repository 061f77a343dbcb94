// Null distributions of rank statistics, by dynamic programming over the ranks.
#include "harness/stats/rank_counts.h"

#include <algorithm>
#include <numeric>

namespace inferometer {

std::vector<double> SubsetSums(std::span<const std::size_t> ranks) {
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  std::vector<double> share(total + 1, 0.0);
  share[0] = 1;
  std::size_t reached = 0;
  for (const std::size_t rank : ranks) {
    reached += rank;
    for (std::size_t s = reached + 1; s-- > 0;) {
      share[s] = (share[s] + (s >= rank ? share[s - rank] : 0.0)) / 2;
    }
  }
  return share;
}

std::vector<double> SubsetSums(std::span<const std::size_t> ranks, std::size_t size) {
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  size = std::min(size, ranks.size());
  // counts[k][s]: subsets of k elements with sum s.
  std::vector<std::vector<double>> counts(size + 1, std::vector<double>(total + 1, 0.0));
  counts[0][0] = 1;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    for (std::size_t k = std::min(size, i + 1); k >= 1; --k) {
      for (std::size_t s = total + 1; s-- > ranks[i];) counts[k][s] += counts[k - 1][s - ranks[i]];
    }
  }
  const double all = std::accumulate(counts[size].begin(), counts[size].end(), 0.0);
  for (double& count : counts[size]) count /= all;
  return counts[size];
}

std::size_t LowerTailRank(std::span<const double> distribution, double tail) {
  double below = 0;
  for (std::size_t k = 0; k < distribution.size(); ++k) {
    below += distribution[k];
    if (below > tail) return k;
  }
  return distribution.size();
}

}  // namespace inferometer
