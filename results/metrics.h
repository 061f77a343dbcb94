// The metrics: one table, from which schema, docs, console columns and dashboard labels follow.
#ifndef INFEROMETER_RESULTS_METRICS_H_
#define INFEROMETER_RESULTS_METRICS_H_

#include <span>
#include <string_view>

namespace inferometer {

enum class Better { kHigher, kLower };

struct Metric {
  std::string_view name;        // "decode_rate"
  std::string_view definition;  // "decode_rate_v1"
  std::string_view unit;        // SI: "tok/s", "s", "B/s"
  Better better;
  std::string_view label;  // "Decode rate"
  std::string_view help;   // one sentence: exactly what is measured
  double ci_target;        // half-width of the interval relative to the median that ends sampling
  double ci_least = 0;     // or, in the unit, where a smaller one is not asked for: of counts
};

std::span<const Metric> Metrics();
const Metric* FindMetric(std::string_view name);  // null when unknown

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_METRICS_H_
