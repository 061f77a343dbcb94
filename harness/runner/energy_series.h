// The course of an energy source over time, and the joules of a stretch of it.
#ifndef INFEROMETER_HARNESS_RUNNER_ENERGY_SERIES_H_
#define INFEROMETER_HARNESS_RUNNER_ENERGY_SERIES_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probes/power_sources.h"

namespace inferometer {

// A stretch must hold this many updates of its counter: its ends are known to within one.
inline constexpr double kFewestUpdates = 4;

// Joules, or why they are not known.
struct Joules {
  std::optional<double> value;
  std::string reason;
};

// Readings of one source in the order of time, summed over its channels. Counters that wrap go on
// beyond their range; power is integrated by the trapezoid rule.
class EnergySeries {
 public:
  explicit EnergySeries(PowerSource source);

  // What PowerMeter::Read gave at `at_s`, which is not before the last one.
  void Add(double at_s, std::span<const std::optional<double>> readings);

  // Between two times, interpolated between the moments at which the source showed something new.
  // Refused: outside of what was read, across a reading that failed, and for a stretch shorter than
  // kFewestUpdates times the source's period, as stated or as seen around it.
  Joules Between(double begin_s, double end_s) const;

  const PowerSource& source() const { return source_; }

 private:
  struct Knot {
    double at_s = 0, joules = 0;
    double stale_s = 0;  // how long at most a channel had shown one value until here
    bool known = true;   // whether the joules since the knot before are
  };
  struct Channel {
    std::optional<double> last;
    double changed_s = 0;  // when `last` was first seen
  };
  // Adds what a channel gave since its last reading; false when that cannot be known.
  bool Advance(const PowerChannel& channel, double last, double now, double elapsed_s);

  PowerSource source_;
  std::vector<Channel> channels_;
  std::vector<Knot> knots_;
  double joules_ = 0, last_s_ = 0, stale_s_ = 0;
  bool known_ = true;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_ENERGY_SERIES_H_
