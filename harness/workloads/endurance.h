// What a long run of tokens says about endurance: rates by the second, and where they fall.
#ifndef INFEROMETER_HARNESS_WORKLOADS_ENDURANCE_H_
#define INFEROMETER_HARNESS_WORKLOADS_ENDURANCE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace inferometer {

inline constexpr double kBinSeconds = 1;
inline constexpr std::size_t kBinsPerMinute = 60;

// sustained_rate_v1: tokens in each whole second since t0. A token that spans several counts to
// each by its time in it, so that slow devices have no jitter of whole tokens. Times rise.
std::vector<double> RateBins(std::span<const double> token_times_s);

// sustained_ratio_v1: median of the last 60 bins / median of the first 60. Empty below two minutes.
std::optional<double> LastAgainstFirst(std::span<const double> rates);

// throttle_onset_v1: the index of the first bin of a level (change_points.h) below 95 % of the best
// one before, when no later level comes back to that and at least ten bins follow. Empty: the rate
// did not fall for good.
std::optional<std::size_t> ThrottleOnset(std::span<const double> rates);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_ENDURANCE_H_
