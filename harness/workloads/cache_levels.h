// The caches that software sees, read off a curve of access latency.
#ifndef INFEROMETER_HARNESS_WORKLOADS_CACHE_LEVELS_H_
#define INFEROMETER_HARNESS_WORKLOADS_CACHE_LEVELS_H_

#include <span>
#include <vector>

namespace inferometer {

struct LatencyPoint {
  double bytes = 0, latency_s = 0;
};

struct CachePlateau {
  double bytes = 0;      // the largest working set that still fits
  double latency_s = 0;  // the median over the level's plateau
};

// The levels, fastest first, memory not among them; a cache that the curve does not leave neither.
// `curve` ascends in bytes, four points an octave or so. A level ends where two points in a row lie
// 30 % above its median so far; the next begins where latency grows by less than 30 % over an
// octave. Two that differ by less than 1.6 are one level that other things (translation, sharing,
// a sliced last level) make slowly worse. Meant for curves over huge pages: with small ones the
// reach of address translation looks like a cache.
std::vector<CachePlateau> CacheLevelsOf(std::span<const LatencyPoint> curve);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_CACHE_LEVELS_H_
