// The measuring loop.
#include "harness/runner/measure.h"

#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <utility>

#include "harness/base/error.h"

namespace inferometer {
namespace {

// The values of the rows out of a repetition, in the rows' order.
std::vector<double> ValuesOf(const Repetition& repetition, const std::vector<RowKey>& rows) {
  std::vector<double> values;
  for (const RowKey& row : rows) {
    const Measurement* found = FindMeasurement(repetition, row);
    if (!found) {
      throw Error(ExitCode::kRunFailed, fmt::format("the repetition yielded no {}", row.metric));
    }
    if (found->absent.empty() && !std::isfinite(found->value)) {
      throw Error(ExitCode::kRunFailed, fmt::format("{} is not a finite number", row.metric));
    }
    values.push_back(found->value);
  }
  return values;
}

// Names the first fact that is not what it was.
void CheckFacts(const nlohmann::json& first, const nlohmann::json& now) {
  if (first == now) return;
  for (const auto& [key, value] : first.items()) {
    if (!now.contains(key) || now[key] != value) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("{} differs between repetitions: {} and {}; the same input must give "
                              "the same output",
                              key, value.dump(), now.value(key, nlohmann::json()).dump()));
    }
  }
  throw Error(ExitCode::kRunFailed, "a repetition states facts that the first one did not");
}

}  // namespace

LoopResult Measure(Schedule& schedule, const LoopHooks& hooks) {
  LoopResult result;
  result.logs.resize(schedule.arms().size());
  std::vector<std::optional<nlohmann::json>> facts(result.logs.size());
  for (;;) {
    if (hooks.stop()) {
      result.stopped = true;
      break;
    }
    const std::optional<std::size_t> arm = schedule.Next(hooks.now());
    if (!arm) break;
    ArmLog& log = result.logs[*arm];
    hooks.before(*arm, schedule.NextRole(*arm));
    result.order.push_back(*arm);
    try {
      TimedRepetition timed;
      timed.start_s = hooks.now();
      timed.repetition = hooks.execute(*arm);
      timed.end_s = hooks.now();
      if (!timed.repetition.unsupported.empty()) {
        log.unsupported = timed.repetition.unsupported;
        schedule.Fail(*arm);
        continue;
      }
      const auto values = ValuesOf(timed.repetition, hooks.rows(*arm));
      if (!facts[*arm]) facts[*arm] = timed.repetition.facts;
      CheckFacts(*facts[*arm], timed.repetition.facts);
      switch (schedule.Report(*arm, timed.end_s - timed.start_s, values)) {
        case Role::kCold:
          log.cold = std::move(timed);
          break;
        case Role::kWarmup:
          ++log.warmups;
          break;
        case Role::kSample:
          log.samples.push_back(std::move(timed));
          break;
      }
    } catch (const std::exception& error) {
      log.failure = error.what();
      schedule.Fail(*arm);
    }
  }
  return result;
}

}  // namespace inferometer
