// Where a series changes its level.
#ifndef INFEROMETER_HARNESS_STATS_CHANGE_POINTS_H_
#define INFEROMETER_HARNESS_STATS_CHANGE_POINTS_H_

#include <cstddef>
#include <span>
#include <vector>

namespace inferometer {

// A level holds for at least this many samples, so that a spike is not one.
inline constexpr std::size_t kShortestSegment = 3;

// Indices at which a new level begins, in order. Binary segmentation (Scott, Knott 1974) with the
// L1 cost, the sum of |x - median|: a segment is split where the cost falls most, as long as it
// falls by more than 2 ln n times the noise. The noise is the mean |x_i+1 - x_i| / sqrt(2), which a
// change of level hardly moves. With it 3 to 6 % of series of 6 to 30 independent normal samples
// show a change that is none, and fewer of longer or heavier-tailed ones (simulated, 600 series
// each).
std::vector<std::size_t> ChangePoints(std::span<const double> samples);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_CHANGE_POINTS_H_
