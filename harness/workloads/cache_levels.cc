// Finds the plateaus of a latency curve.
#include "harness/workloads/cache_levels.h"

#include <cstddef>

#include "harness/stats/median.h"

namespace inferometer {
namespace {

constexpr double kRise = 1.3, kNextLevel = 1.6, kOctave = 2;

struct Plateau {
  std::size_t begin = 0, end = 0;  // points [begin, end)
  double latency_s = 0;
};

// The plateau that starts at a point: up to the first of two in a row that leave it.
Plateau PlateauFrom(std::span<const LatencyPoint> curve, std::size_t begin) {
  Plateau plateau{begin, begin, 0};
  std::vector<double> seen;
  for (std::size_t i = begin; i < curve.size(); ++i) {
    if (!seen.empty()) {
      const double limit_s = kRise * Median(seen);
      const bool last = i + 1 == curve.size();
      if (curve[i].latency_s > limit_s && (last || curve[i + 1].latency_s > limit_s)) break;
    }
    seen.push_back(curve[i].latency_s);
    plateau.end = i + 1;
  }
  plateau.latency_s = Median(seen);
  return plateau;
}

// The first point from `from` on after which latency hardly grows for an octave; the size of the
// curve when there is none.
std::size_t NextFlat(std::span<const LatencyPoint> curve, std::size_t from) {
  for (std::size_t i = from; i < curve.size(); ++i) {
    std::size_t octave = i;
    while (octave < curve.size() && curve[octave].bytes < kOctave * curve[i].bytes) ++octave;
    if (octave == curve.size()) return octave;
    if (curve[octave].latency_s <= kRise * curve[i].latency_s) return i;
  }
  return curve.size();
}

}  // namespace

std::vector<CachePlateau> CacheLevelsOf(std::span<const LatencyPoint> curve) {
  std::vector<CachePlateau> levels;
  for (std::size_t at = 0; at < curve.size();) {
    const Plateau plateau = PlateauFrom(curve, at);
    // Further of the level before, slightly slower: then that level ends here.
    const bool same = !levels.empty() && plateau.latency_s < kNextLevel * levels.back().latency_s;
    if (plateau.end == curve.size()) {
      if (same) levels.pop_back();
      break;
    }
    const double bytes = curve[plateau.end - 1].bytes;
    if (same) {
      levels.back().bytes = bytes;
    } else {
      levels.push_back({bytes, plateau.latency_s});
    }
    at = NextFlat(curve, plateau.end);
  }
  return levels;
}

}  // namespace inferometer
