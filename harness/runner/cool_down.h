// Waits between repetitions, where there are signs of heat, until a probe kernel is fast again.
#ifndef INFEROMETER_HARNESS_RUNNER_COOL_DOWN_H_
#define INFEROMETER_HARNESS_RUNNER_COOL_DOWN_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "backends/device.h"
#include "harness/runner/heat.h"

namespace inferometer {

// A short kernel in registers, whose speed follows the clock: the fp32 ceiling's op.
class SpeedProbe {
 public:
  explicit SpeedProbe(Device& device);
  // Why the device has none; empty: it has one.
  const std::string& why_not() const { return why_not_; }
  // Operations a second, the best of a few runs of some milliseconds. Only when why_not() is empty.
  double Measure();

 private:
  std::string why_not_;
  std::unique_ptr<Plan> plan_;
  double operations_ = 0;
};

struct CoolDownHooks {
  std::function<double()> now;                // s
  std::function<void(double seconds)> sleep;  // may return early when it is time to stop
  std::function<bool()> stop;
  std::function<Heat()> heat;
  // Speed of a device's probe kernel; empty: it has none.
  std::function<std::optional<double>(std::size_t device)> probe;
  std::function<void(std::size_t device)> waiting;  // before a wait begins
};

class CoolDown {
 public:
  // Waits at most `budget_s` in all.
  CoolDown(CoolDownHooks hooks, double budget_s);

  // The start of the run, after the gate: what every device's kernel gives when cool. Where nothing
  // tells about heat (`skipped` not empty: why) nothing is measured now or later.
  void Start(std::size_t devices, std::string skipped);

  // Before a case is repeated on a device. Looks at the heat at most every two seconds; only where
  // the processor throttled since the last look or is close to its limit is the probe measured, and
  // only where that is more than 2 % below its start is there a wait: until it is back, for at most
  // ten seconds, an eighth of `room_s` or what is left of the budget.
  void Before(std::size_t device, double room_s);

  // The result's run.cool_down: {waits, waited_s, given_up, skipped}.
  nlohmann::json Describe() const;

 private:
  bool ShowsHeat();

  CoolDownHooks hooks_;
  double budget_s_;
  std::string skipped_;
  std::vector<std::optional<double>> start_;  // by device
  std::optional<std::int64_t> throttles_;
  std::optional<double> looked_s_;
  std::size_t waits_ = 0, given_up_ = 0;
  double waited_s_ = 0;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_COOL_DOWN_H_
