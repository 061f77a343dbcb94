// Rounds, warm-up, adaptive stopping and the deadline.
#include "harness/runner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "harness/stats/known.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

constexpr std::size_t kSteadyRepetitions = 3;
constexpr double kSteadySpread = 0.02;
// An arm that lasts may end so late, as a share of its time, for what others took beyond theirs.
constexpr double kLate = 0.1;

bool IsSteady(std::span<const double> values) {
  if (values.size() < kSteadyRepetitions) return false;
  const auto last = values.last(kSteadyRepetitions);
  const auto [low, high] = std::minmax_element(last.begin(), last.end());
  return *high - *low <= kSteadySpread * std::abs(Median(last));
}

}  // namespace

Schedule::Schedule(std::vector<ArmSpec> arms, const ScheduleOptions& options)
    : options_(options), random_(options.seed) {
  for (ArmSpec& spec : arms) {
    Arm arm;
    arm.samples.resize(spec.metrics.size());
    arm.last_s = spec.estimate_s;
    arm.spec = std::move(spec);
    arms_.push_back(std::move(arm));
  }
}

void Schedule::SetTimeAside(double now_s) {
  double lasting_s = 0;
  bool others = false;
  for (const Arm& arm : arms_) {
    lasting_s += arm.spec.lasts_s;
    others = others || arm.spec.lasts_s == 0;
  }
  const double room_s = options_.deadline_s - now_s;
  if (lasting_s > (others ? room_s / 2 : room_s)) {
    for (Arm& arm : arms_) arm.finished = arm.finished || arm.spec.lasts_s > 0;
    lasting_s = 0;
  }
  aside_s_ = lasting_s;
}

std::optional<std::size_t> Schedule::NextLasting(double now_s) {
  for (std::size_t i = 0; i < arms_.size(); ++i) {
    Arm& arm = arms_[i];
    if (arm.finished) continue;
    if (now_s + (1 - kLate) * arm.spec.lasts_s <= options_.deadline_s) return i;
    arm.finished = true;
  }
  return std::nullopt;
}

bool Schedule::Fits(const Arm& arm, double now_s) const {
  const double deadline_s = options_.deadline_s - aside_s_.value_or(0);
  const double takes_s = arm.last_s + (arm.cold_done ? 0 : arm.spec.first_s);
  return now_s < deadline_s && now_s + takes_s <= deadline_s;
}

void Schedule::DrawRound() {
  round_.clear();
  for (std::size_t i = 0; i < arms_.size(); ++i) {
    if (!arms_[i].finished && arms_[i].spec.lasts_s == 0) round_.push_back(i);
  }
  for (std::size_t i = round_.size(); i > 1; --i) {  // Fisher, Yates
    std::swap(round_[i - 1], round_[random_.Below(i)]);
  }
}

std::optional<std::size_t> Schedule::Next(double now_s) {
  if (!aside_s_) SetTimeAside(now_s);
  for (;;) {
    if (round_.empty()) DrawRound();
    if (round_.empty()) return NextLasting(now_s);
    const std::size_t next = round_.back();
    round_.pop_back();
    if (arms_[next].finished) continue;
    if (Fits(arms_[next], now_s)) return next;
    arms_[next].finished = true;
    if (!arms_[next].warm) arms_[next].warmup_stop = "limit";
  }
}

Role Schedule::NextRole(std::size_t arm) const {
  if (arms_[arm].spec.lasts_s > 0) return Role::kSample;
  if (!arms_[arm].cold_done) return Role::kCold;
  return arms_[arm].warm ? Role::kSample : Role::kWarmup;
}

Role Schedule::Report(std::size_t index, double elapsed_s, std::span<const double> values) {
  Arm& arm = arms_[index];
  const Role role = NextRole(index);
  arm.spent_s += elapsed_s;
  arm.last_s = elapsed_s;
  arm.cold_done = true;
  if (role == Role::kSample) {
    for (std::size_t m = 0; m < arm.samples.size(); ++m) arm.samples[m].push_back(values[m]);
    const std::size_t n = arm.repetitions();
    arm.converged = n >= options_.fewest;
    for (std::size_t m = 0; m < arm.samples.size() && arm.converged; ++m) {
      const ArmMetric& metric = arm.spec.metrics[m];
      arm.converged = IsKnown(arm.samples[m], metric.ci_target, metric.ci_least);
    }
    arm.finished = arm.converged || n >= options_.most || arm.spec.lasts_s > 0;
    return role;
  }
  if (role == Role::kWarmup) arm.warmup.push_back(values[0]);
  // The next repetition is a sample once this much is known or spent.
  if (IsSteady(arm.warmup)) {
    arm.warm = true;
    arm.warmup_stop = "steady";
  } else if (arm.spent_s + elapsed_s > options_.warmup_limit_s ||
             arm.warmup.size() >= options_.warmup_most) {
    arm.warm = true;
    arm.warmup_stop = "limit";
  }
  return role;
}

void Schedule::Fail(std::size_t arm) { arms_[arm].finished = arms_[arm].failed = true; }

std::size_t Schedule::finished() const {
  return static_cast<std::size_t>(
      std::count_if(arms_.begin(), arms_.end(), [](const Arm& arm) { return arm.finished; }));
}

double Schedule::Eta(double now_s) const {
  // An interval exists from six samples on, so that many are expected, and two more once they are
  // there but not enough.
  constexpr double kExpected = 6, kMore = 2;
  double left_s = 0;
  for (const Arm& arm : arms_) {
    if (arm.finished) continue;
    if (arm.spec.lasts_s > 0) {
      left_s += arm.spec.lasts_s;
      continue;
    }
    double repetitions = std::max(kMore, kExpected - static_cast<double>(arm.repetitions()));
    if (!arm.cold_done) repetitions += 1;
    if (!arm.warm) {
      const double room = arm.last_s > 0 ? (options_.warmup_limit_s - arm.spent_s) / arm.last_s : 3;
      repetitions += std::clamp(room, 0.0, 3.0);
    }
    left_s += repetitions * arm.last_s + (arm.cold_done ? 0 : arm.spec.first_s);
  }
  return std::max(0.0, std::min(left_s, options_.deadline_s - now_s));
}

}  // namespace inferometer
