// The two-stage rule on effects.
#include "harness/gate/rule.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "harness/stats/hodges_lehmann.h"

namespace inferometer {
namespace {

constexpr double kUsual = 0.95, kStrict = 0.98;
// The signed-rank test of 5 pairs has no two-sided p below 2/2^5 = 0.0625; neither do so few values
// an arm say enough about a machine.
constexpr std::size_t kLeast = 6;

constexpr std::string_view kNames[] = {"regression",  "missing", "incomparable", "inconclusive",
                                       "improvement", "new",     "pass"};

}  // namespace

std::string_view NameOf(Verdict verdict) {
  const auto i = static_cast<std::size_t>(verdict);
  return i < std::size(kNames) ? kNames[i] : "unknown";
}

Effect PairedEffect(std::span<const double> worse) {
  const Shift usual = PairedShift(worse, kUsual);
  Effect effect{usual.estimate, {}, {}, worse.size()};
  if (effect.n < kLeast) return effect;
  effect.usual = usual.interval;
  effect.strict = PairedShift(worse, kStrict).interval;
  return effect;
}

Effect UnpairedEffect(std::span<const double> base, std::span<const double> head) {
  const Shift usual = UnpairedShift(base, head, kUsual);
  Effect effect{usual.estimate, {}, {}, std::min(base.size(), head.size())};
  if (effect.n < kLeast) return effect;
  effect.usual = usual.interval;
  effect.strict = UnpairedShift(base, head, kStrict).interval;
  return effect;
}

bool IsSuspect(const Effect& effect, double threshold) {
  return std::abs(effect.worse) > kSuspectShare * std::log1p(threshold);
}

Verdict Decide(const Effect& effect, double threshold, bool confirming) {
  const double limit = std::log1p(threshold);
  if (confirming && effect.strict) {
    if (effect.worse > limit && effect.strict->low > 0) return Verdict::kRegression;
    if (effect.worse < -limit && effect.strict->high < 0) return Verdict::kImprovement;
  }
  if (effect.usual && effect.usual->high < limit) return Verdict::kPass;
  return Verdict::kInconclusive;
}

std::optional<double> SmallestSeen(const Effect& effect, double threshold) {
  const std::optional<Interval>& interval = effect.strict ? effect.strict : effect.usual;
  if (!interval) return std::nullopt;
  return std::expm1(std::max(std::log1p(threshold), effect.worse - interval->low));
}

}  // namespace inferometer
