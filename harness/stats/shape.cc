// The shape of a series, from its change points.
#include "harness/stats/shape.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/change_points.h"
#include "harness/stats/median.h"
#include "harness/stats/quantile.h"

namespace inferometer {
namespace {

constexpr double kSameLevel = 0.01;
constexpr double kSteadyShare = 0.25;
constexpr double kModeGap = 0.05;
constexpr double kGapOverSpread = 3;

struct Level {
  double value;       // its median
  std::size_t begin;  // index of its first sample
};

// The levels of the series; neighbours that are the same are joined.
std::vector<Level> LevelsOf(std::span<const double> samples) {
  std::vector<std::size_t> bounds = ChangePoints(samples);
  bounds.insert(bounds.begin(), 0);
  for (std::size_t i = 0; i + 1 < bounds.size();) {
    const std::size_t end = i + 2 < bounds.size() ? bounds[i + 2] : samples.size();
    const double left = Median(samples.subspan(bounds[i], bounds[i + 1] - bounds[i]));
    const double right = Median(samples.subspan(bounds[i + 1], end - bounds[i + 1]));
    if (std::abs(left - right) <= kSameLevel * std::max(std::abs(left), std::abs(right))) {
      bounds.erase(bounds.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      i = 0;
    } else {
      ++i;
    }
  }
  std::vector<Level> levels;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const std::size_t end = i + 1 < bounds.size() ? bounds[i + 1] : samples.size();
    levels.push_back({Median(samples.subspan(bounds[i], end - bounds[i])), bounds[i]});
  }
  return levels;
}

bool TwoModes(std::span<const double> samples) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  const auto least = std::max<std::size_t>(
      2, static_cast<std::size_t>(std::ceil(kSteadyShare * static_cast<double>(sorted.size()))));
  if (sorted.size() < 2 * least) return false;
  std::size_t split = 0;
  double gap = 0;
  for (std::size_t i = least; i + least <= sorted.size(); ++i) {
    if (sorted[i] - sorted[i - 1] > gap) gap = sorted[i] - sorted[i - 1], split = i;
  }
  if (split == 0) return false;
  const std::span<const double> low = std::span(sorted).first(split);
  const std::span<const double> high = std::span(sorted).subspan(split);
  const auto spread = [](std::span<const double> s) { return Quantile(s, 0.9) - Quantile(s, 0.1); };
  return gap > kModeGap * std::abs(Median(sorted)) &&
         gap > kGapOverSpread * std::max(spread(low), spread(high));
}

}  // namespace

std::string_view NameOf(Shape shape) {
  switch (shape) {
    case Shape::kFlat:
      return "flat";
    case Shape::kWarmup:
      return "warmup";
    case Shape::kSlowdown:
      return "slowdown";
    case Shape::kNone:
      return "none";
  }
  return "none";
}

Shape ShapeOf(std::span<const double> samples, bool higher_is_better) {
  const std::vector<Level> levels = LevelsOf(samples);
  if (levels.size() == 1) return TwoModes(samples) ? Shape::kNone : Shape::kFlat;
  const auto better = [higher_is_better](double a, double b) {
    return higher_is_better ? a > b : a < b;
  };
  bool only_worse = true, last_is_best = true;
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    only_worse = only_worse && better(levels[i].value, levels[i + 1].value);
    last_is_best = last_is_best && better(levels.back().value, levels[i].value);
  }
  if (only_worse) return Shape::kSlowdown;
  const double held = static_cast<double>(samples.size() - levels.back().begin);
  if (held < kSteadyShare * static_cast<double>(samples.size())) return Shape::kNone;
  // What goes up and down between two modes neither warms up nor slows down.
  if (levels.size() > 2 && TwoModes(samples)) return Shape::kNone;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::size_t end = i + 1 < levels.size() ? levels[i + 1].begin : samples.size();
    if (TwoModes(samples.subspan(levels[i].begin, end - levels[i].begin))) return Shape::kNone;
  }
  return last_is_best ? Shape::kWarmup : Shape::kSlowdown;
}

}  // namespace inferometer
