// Whether a median is known well enough.
#ifndef INFEROMETER_HARNESS_STATS_KNOWN_H_
#define INFEROMETER_HARNESS_STATS_KNOWN_H_

#include <span>

namespace inferometer {

// Whether the half-width of the 95 % interval of the median is at most `target` times the median,
// or at most `least`, in the samples' unit. False below 6 samples, which have no interval.
bool IsKnown(std::span<const double> samples, double target, double least = 0);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_KNOWN_H_
