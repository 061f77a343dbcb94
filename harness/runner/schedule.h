// Decides which case is repeated next, and when enough is known: pure, without clock or device.
#ifndef INFEROMETER_HARNESS_RUNNER_SCHEDULE_H_
#define INFEROMETER_HARNESS_RUNNER_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/random.h"

namespace inferometer {

// A metric that an arm yields in every repetition.
struct ArmMetric {
  std::string name;
  double ci_target = 0;  // half-width of the interval over the median at which it is known well
  double ci_least = 0;   // half-width that is narrow enough whatever the median
};

// One case on one device.
struct ArmSpec {
  std::string name;
  std::vector<ArmMetric> metrics;  // the first decides about steadiness
  double estimate_s = 0;           // of one repetition, before any was run; 0: unknown
  double first_s = 0;              // what the first takes longer
  double lasts_s = 0;              // not 0: it is run once, for so long, after all others
};

struct ScheduleOptions {
  std::uint64_t seed = 1;
  double deadline_s = 0;        // on the clock of Next; nothing begins that would end later
  std::size_t fewest = 5;       // repetitions, before an arm may be called converged
  std::size_t most = 100;       // repetitions, whether it has converged or not
  double warmup_limit_s = 10;   // of an arm's own time, the cold repetition counted
  std::size_t warmup_most = 8;  // repetitions
};

// What a repetition counts as.
enum class Role : std::uint8_t { kCold, kWarmup, kSample };

struct Arm {
  ArmSpec spec;
  bool cold_done = false, warm = false, finished = false, failed = false, converged = false;
  std::vector<double> warmup;                // of the first metric
  std::string warmup_stop;                   // "steady" or "limit"
  std::vector<std::vector<double>> samples;  // by metric, then by repetition
  double spent_s = 0;                        // of its own time
  double last_s = 0;                         // its latest repetition; the estimate before
  std::size_t repetitions() const { return samples.empty() ? 0 : samples.front().size(); }
};

// Rounds over all unfinished arms, each round in an order drawn from the seed, so that drift does
// not land on one of them. An arm runs cold once, then warms up until its last three repetitions
// lie within 2 % of each other or a limit is reached, then is sampled until every metric's interval
// is as narrow as its target, or the deadline leaves no room.
//
// Arms that last come after that, once each, without warm-up. The time for them is set aside from
// the beginning, unless that would be more than half of it.
class Schedule {
 public:
  Schedule(std::vector<ArmSpec> arms, const ScheduleOptions& options);

  // The arm to repeat now, empty when nothing is left to do. Decides on the time `now_s` alone.
  std::optional<std::size_t> Next(double now_s);

  // That repetition took `elapsed_s` and yielded a value for each metric of the arm.
  Role Report(std::size_t arm, double elapsed_s, std::span<const double> values);
  // No more of this arm.
  void Fail(std::size_t arm);

  const std::vector<Arm>& arms() const { return arms_; }
  std::size_t finished() const;
  // What the next repetition of an arm counts as.
  Role NextRole(std::size_t arm) const;
  // Seconds until the end, from what each arm took so far; 0 when nothing is left to do.
  double Eta(double now_s) const;

 private:
  bool Fits(const Arm& arm, double now_s) const;
  void SetTimeAside(double now_s);
  std::optional<std::size_t> NextLasting(double now_s);
  void DrawRound();

  std::vector<Arm> arms_;
  ScheduleOptions options_;
  Random random_;
  std::vector<std::size_t> round_;  // arms still to run in this round, last first
  std::optional<double> aside_s_;   // for arms that last; empty before the first Next
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_SCHEDULE_H_
