// Joules per token of each sample's window, and their statistics.
#include "harness/runner/energy_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "results/statistics.h"

namespace inferometer {
namespace {

const char* const kMetric = "energy_per_token";

}  // namespace

bool HasWindow(const ArmLog& log) {
  return std::any_of(log.samples.begin(), log.samples.end(), [](const TimedRepetition& sample) {
    return sample.repetition.window.has_value();
  });
}

Record EnergyRow(Record row, const ArmLog& log, const EnergyOfDevice& of,
                 const std::function<Joules(double begin_s, double end_s)>& between) {
  row.metric = kMetric;
  nlohmann::json params = {{"source", of.source}, {"scope", of.scope}};
  params["idle_w"] = of.idle_w ? nlohmann::json(*of.idle_w) : nlohmann::json();
  if (!of.idle_w) params["idle_reason"] = of.idle_reason;
  std::size_t refused = 0;
  std::string reason;
  const auto per_token = [&](const Repetition& repetition) -> std::optional<double> {
    if (!repetition.window || repetition.window->tokens <= 0) return std::nullopt;
    const Joules joules = between(repetition.window->begin_s, repetition.window->end_s);
    if (joules.value) return *joules.value / static_cast<double>(repetition.window->tokens);
    if (refused++ == 0) reason = joules.reason;
    return std::nullopt;
  };
  for (const TimedRepetition& sample : log.samples) {
    if (const auto value = per_token(sample.repetition)) row.samples.push_back(*value);
  }
  if (refused > 0) {
    params["refused_windows"] = refused;
    params["refused_reason"] = reason;
  }
  if (log.cold && !row.samples.empty()) row.cold = per_token(log.cold->repetition);
  row.params["energy"] = std::move(params);
  if (row.samples.empty()) {
    row.status = Status::kUnsupported;
    row.reason = reason.empty() ? "no repetition names a window of tokens" : reason;
    return row;
  }
  PutStatistics(row);
  row.warmup_repetitions = static_cast<int>(log.warmups);
  return row;
}

Record NoEnergyRow(Record row, const EnergyOfDevice& of) {
  row.metric = kMetric;
  row.params = nlohmann::json::object();
  row.status = Status::kUnsupported;
  row.reason = of.reason;
  return row;
}

}  // namespace inferometer
