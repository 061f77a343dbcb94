// The two-stage rule on effects.
#include "harness/gate/rule.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "harness/stats/hodges_lehmann.h"

namespace inferometer {
namespace {

constexpr double kConfidence = 0.95;
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
  const Shift shift = PairedShift(worse, kConfidence);
  Effect effect{shift.estimate, {}, worse.size()};
  if (effect.n >= kLeast) effect.interval = shift.interval;
  return effect;
}

Effect UnpairedEffect(std::span<const double> base, std::span<const double> head) {
  const Shift shift = UnpairedShift(base, head, kConfidence);
  Effect effect{shift.estimate, {}, std::min(base.size(), head.size())};
  if (effect.n >= kLeast) effect.interval = shift.interval;
  return effect;
}

bool IsSuspect(const Effect& effect, double threshold) {
  return std::abs(effect.worse) > kSuspectShare * std::log1p(threshold);
}

Verdict Decide(const Effect& effect, double threshold, bool confirming) {
  const double limit = std::log1p(threshold);
  if (confirming && effect.interval) {
    if (effect.worse > limit && effect.interval->low > 0) return Verdict::kRegression;
    if (effect.worse < -limit && effect.interval->high < 0) return Verdict::kImprovement;
  }
  if (effect.interval && effect.interval->high < limit) return Verdict::kPass;
  return Verdict::kInconclusive;
}

std::optional<double> SmallestSeen(const Effect& effect, double threshold) {
  if (!effect.interval) return std::nullopt;
  return std::expm1(std::max(std::log1p(threshold), effect.worse - effect.interval->low));
}

}  // namespace inferometer
