// The rule: from the numbers of two arms to an effect, and from the effect to a verdict.
#ifndef INFEROMETER_HARNESS_GATE_RULE_H_
#define INFEROMETER_HARNESS_GATE_RULE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "harness/stats/interval.h"

namespace inferometer {

enum class Verdict : std::uint8_t {
  kRegression,    // beyond the threshold, and certainly not zero, in data of its own
  kMissing,       // the base has the row, the head has not
  kIncomparable,  // model, device, threads ... differ
  kInconclusive,  // too noisy to decide
  kImprovement,   // a regression the other way round
  kNew,           // the head has the row, the base has not
  kPass,          // shown to be no worse than the threshold
};

// "regression", "missing" ...
std::string_view NameOf(Verdict verdict);

// How much worse the head is, as a logarithm of a ratio: 0.03 is about 3 % worse, below 0 is
// better.
struct Effect {
  double worse = 0;                  // Hodges–Lehmann; NaN without numbers
  std::optional<Interval> interval;  // 95 %; absent below 6 pairs
  std::size_t n = 0;                 // pairs; unpaired: values of the smaller arm
};

// Of one log ratio for each pair, with the exact signed-rank interval. At 12 pairs
// its ends are the 14th Walsh averages, and one pair has a part in only 12: a single spoilt run
// does not hide a regression, as it would at 98 %.
Effect PairedEffect(std::span<const double> worse);

// Of two independent samples of logarithms, `head` being worse where it is larger, with the exact
// Mann–Whitney interval. Fewer than 6 values in an arm give no interval, as with pairs.
Effect UnpairedEffect(std::span<const double> base, std::span<const double> head);

// The share of the threshold beyond which the first stage asks for a second: far enough below 1
// that a real change of the threshold's size is seldom missed, far enough above 0 that no change
// seldom costs another twelve pairs.
inline constexpr double kSuspectShare = 0.6;

// Whether the first stage's effect is worth fresh pairs, in either direction.
bool IsSuspect(const Effect& effect, double threshold);

// The verdict on an effect. Only with `confirming`, on data that did not raise the suspicion, is
// it a regression or an improvement: the estimate is beyond log(1 + threshold) and the
// interval excludes zero. A pass is shown: the interval ends below the threshold.
Verdict Decide(const Effect& effect, double threshold, bool confirming);

// The smallest change, as a ratio less 1, that would have been a regression with such an interval.
// Absent without one.
std::optional<double> SmallestSeen(const Effect& effect, double threshold);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_RULE_H_
