// Bins, first against last, and the onset of a slowdown.
#include "harness/workloads/endurance.h"

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/stats/change_points.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

// A level below this share of the best is a slowdown. Restarting from an empty cache moves the rate
// by less.
constexpr double kSlower = 0.95;
constexpr std::size_t kFewestSlowBins = 10;

}  // namespace

std::vector<double> RateBins(std::span<const double> token_times_s) {
  if (token_times_s.empty()) return {};
  std::vector<double> bins(static_cast<std::size_t>(std::floor(token_times_s.back() / kBinSeconds)),
                           0);
  double begin_s = 0;
  for (const double end_s : token_times_s) {
    if (!(end_s > begin_s)) {
      throw Error(ExitCode::kRunFailed,
                  "two tokens came at the same time: the clock is too coarse");
    }
    for (auto i = static_cast<std::size_t>(begin_s / kBinSeconds); i < bins.size(); ++i) {
      const double from_s = static_cast<double>(i) * kBinSeconds, to_s = from_s + kBinSeconds;
      if (from_s >= end_s) break;
      bins[i] +=
          (std::min(end_s, to_s) - std::max(begin_s, from_s)) / (end_s - begin_s) / kBinSeconds;
    }
    begin_s = end_s;
  }
  return bins;
}

std::optional<double> LastAgainstFirst(std::span<const double> rates) {
  if (rates.size() < 2 * kBinsPerMinute) return std::nullopt;
  return Median(rates.last(kBinsPerMinute)) / Median(rates.first(kBinsPerMinute));
}

std::optional<std::size_t> ThrottleOnset(std::span<const double> rates) {
  std::vector<std::size_t> begins = ChangePoints(rates);
  begins.insert(begins.begin(), 0);
  std::vector<double> levels;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : rates.size();
    levels.push_back(Median(rates.subspan(begins[i], end - begins[i])));
  }
  double best = levels.front();
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const double bound = kSlower * best;
    const bool for_good = std::all_of(levels.begin() + static_cast<std::ptrdiff_t>(i), levels.end(),
                                      [bound](double level) { return level < bound; });
    if (for_good && rates.size() - begins[i] >= kFewestSlowBins) return begins[i];
    best = std::max(best, levels[i]);
  }
  return std::nullopt;
}

}  // namespace inferometer
