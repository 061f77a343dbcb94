// The normalised mean squared error: the project's one measure of "how wrong".
#ifndef INFEROMETER_HARNESS_BASE_NMSE_H_
#define INFEROMETER_HARNESS_BASE_NMSE_H_

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace inferometer {

// Sum of (got - want)² over sum of want². Infinite when anything is not finite, or sizes differ; 0
// when both are all zero.
inline double Nmse(std::span<const float> want, std::span<const float> got) {
  if (want.size() != got.size()) return std::numeric_limits<double>::infinity();
  double error = 0, power = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const double difference = static_cast<double>(got[i]) - want[i];
    error += difference * difference;
    power += static_cast<double>(want[i]) * want[i];
  }
  if (!std::isfinite(error) || !std::isfinite(power))
    return std::numeric_limits<double>::infinity();
  if (error == 0) return 0;
  return power > 0 ? error / power : std::numeric_limits<double>::infinity();
}

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_NMSE_H_
