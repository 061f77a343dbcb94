// Change points by binary segmentation.
#include "harness/stats/change_points.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/median.h"

namespace inferometer {
namespace {

double Cost(std::span<const double> segment) {
  const double median = Median(segment);
  double cost = 0;
  for (const double x : segment) cost += std::abs(x - median);
  return cost;
}

void Split(std::span<const double> samples, std::size_t begin, std::size_t end, double penalty,
           std::vector<std::size_t>& points) {
  const std::span<const double> whole = samples.subspan(begin, end - begin);
  if (whole.size() < 2 * kShortestSegment) return;
  const double cost = Cost(whole);
  double best_gain = penalty;
  std::size_t best = 0;
  for (std::size_t at = kShortestSegment; at + kShortestSegment <= whole.size(); ++at) {
    const double gain = cost - Cost(whole.first(at)) - Cost(whole.subspan(at));
    if (gain > best_gain) best_gain = gain, best = at;
  }
  if (best == 0) return;
  Split(samples, begin, begin + best, penalty, points);
  points.push_back(begin + best);
  Split(samples, begin + best, end, penalty, points);
}

}  // namespace

std::vector<std::size_t> ChangePoints(std::span<const double> samples) {
  std::vector<std::size_t> points;
  const std::size_t n = samples.size();
  if (n < 2 * kShortestSegment) return points;
  double noise = 0;
  for (std::size_t i = 0; i + 1 < n; ++i) noise += std::abs(samples[i + 1] - samples[i]);
  noise /= static_cast<double>(n - 1) * std::sqrt(2.0);
  Split(samples, 0, n, 2 * std::log(static_cast<double>(n)) * noise, points);
  return points;
}

}  // namespace inferometer
