// How each metric is gated unless a policy says otherwise: one table.
#ifndef INFEROMETER_HARNESS_GATE_GATING_H_
#define INFEROMETER_HARNESS_GATE_GATING_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace inferometer {

enum class Gating : std::uint8_t {
  kRelative,  // by the rule of rule.h
  kExact,     // a count: any change is one
  kReport,    // shown nowhere in a verdict: derived, or an error that conformance limits already
};

struct MetricGating {
  std::string_view metric;
  Gating how = Gating::kRelative;
  double threshold = 0;  // a change for the worse that matters; of kRelative
};

std::span<const MetricGating> GatingTable();

// Its row; metrics without one are relative with kOtherThreshold.
MetricGating GatingOf(std::string_view metric);
inline constexpr double kOtherThreshold = 0.10;

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_GATING_H_
