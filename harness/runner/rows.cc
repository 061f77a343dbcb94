// Statistics, rooflines and plausibility of each row.
#include "harness/runner/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/runner/roof.h"
#include "harness/stats/median.h"
#include "results/statistics.h"

namespace inferometer {
namespace {

constexpr double kImplausible = 1.05;

void Put(const RowKey& key, Record& row) {
  row.metric = key.metric;
  for (const auto& [name, value] : key.params.items()) row.params[name] = value;
}

Record Without(Record row, Status status, const std::string& reason) {
  row.status = status;
  row.reason = reason;
  row.samples.clear();
  row.token_times_s.clear();
  return row;
}

// Why there is no sample.
std::string WhyNone(const ArmLog& log, const Arm& arm) {
  if (log.cold) return "the run ended before a repetition after the cold one";
  if (!arm.finished) return "the run ended before the first repetition";
  if (arm.spec.lasts_s > 0) {
    return fmt::format(
        "it lasts {:.0f} s, which is more than the time budget leaves: raise --time-budget",
        arm.spec.lasts_s);
  }
  const double about_s = arm.last_s + arm.spec.first_s;
  return fmt::format("the time budget ended before its first repetition{}: raise --time-budget",
                     about_s > 0 ? fmt::format(", of about {:.2g} s", about_s) : std::string());
}

// Of the work at one time under the roofs around it.
struct Placed {
  double fraction = 0;
  Bound bound;
};

std::optional<Placed> Place(const Measurement& measurement, const Roofs& roofs) {
  const std::optional<Bound> bound = BoundOf(measurement.work, roofs);
  if (!bound || measurement.work_s <= 0) return std::nullopt;
  return Placed{bound->least_s / measurement.work_s, *bound};
}

void PutRoofline(Record& row, const RowKey& key, const ArmLog& log, const RoofContext& context) {
  std::vector<double> fractions;
  std::optional<Placed> best;  // against the best roofs of the run
  const Roofs best_roofs = BestRoofs(context.ceilings, row.device);
  Bound bound;
  Work work;
  for (const TimedRepetition& sample : log.samples) {
    const Measurement* measurement = FindMeasurement(sample.repetition, key);
    if (!measurement) continue;
    const auto placed = Place(
        *measurement, RoofsAround(context.ceilings, row.device, sample.start_s, sample.end_s));
    if (!placed) return;
    fractions.push_back(placed->fraction);
    bound = placed->bound;
    work = measurement->work;
    const auto against_best = Place(*measurement, best_roofs);
    if (against_best && (!best || against_best->fraction > best->fraction)) best = against_best;
  }
  if (fractions.empty() || !best) return;
  row.roofline = Roofline{bound.bound, bound.roof, work.bytes, work.flops(), Median(fractions)};
  if (Median(fractions) <= kImplausible || best->fraction <= kImplausible) return;
  const bool in_cache =
      best->bound.bound == "memory" && work.bytes <= static_cast<double>(context.last_level_bytes);
  if (in_cache) {
    row.params["working_set"] = "fits the last-level cache, so it may pass the memory roof";
    return;
  }
  const std::string reason = fmt::format("implausible: {:.2f} of the {} roof, above {}",
                                         best->fraction, best->bound.roof, kImplausible);
  Record failed = row;
  failed.status = Status::kFailed;
  failed.reason = reason;
  failed.samples.clear();
  failed.token_times_s.clear();
  failed.cold.reset();
  failed.ci95.reset();
  failed.outliers.clear();
  failed.median = 0;
  failed.roofline.reset();
  failed.converged = false;
  failed.shape.clear();
  row = std::move(failed);
}

Record RowOfKey(const Record& base, const RowKey& key, const ArmLog& log, const Arm& arm,
                const RoofContext& context) {
  Record row = base;
  Put(key, row);
  const nlohmann::json& facts = log.samples.front().repetition.facts;
  for (const auto& [name, value] : facts.items()) row.params[name] = value;
  for (const TimedRepetition& sample : log.samples) {
    const Measurement* found = FindMeasurement(sample.repetition, key);
    if (!found) continue;
    if (!found->absent.empty()) return Without(row, Status::kSkipped, found->absent);
    if (found->samples.empty()) {
      row.samples.push_back(found->value);
    } else {
      row.samples = found->samples;
    }
    const std::vector<double>& times =
        found->token_times_s.empty() ? sample.repetition.token_times_s : found->token_times_s;
    if (!times.empty()) row.token_times_s.push_back(times);
  }
  if (log.cold) {
    const Measurement* found = FindMeasurement(log.cold->repetition, key);
    if (found) row.cold = found->value;
  }
  PutStatistics(row);
  row.warmup_repetitions = static_cast<int>(log.warmups);
  if (arm.spec.lasts_s == 0) {
    row.warmup_stop = arm.warmup_stop.empty() ? "limit" : arm.warmup_stop;
  }
  PutRoofline(row, key, log, context);
  return row;
}

}  // namespace

Record RowFor(const DeviceInfo& device, const std::string& requested, const Model& model,
              const SelectedCase& c) {
  Record row;
  row.workload = c.workload->name;
  row.model = ModelRef{model.name, model.quant, {}, model.bytes};
  row.backend = device.backend;
  row.device = device.id;
  row.requested = requested;
  row.software = device.software;
  row.threads = device.threads;
  row.params = c.point.params;
  return row;
}

std::vector<Record> RowsWithout(const Record& row, const SelectedCase& c, Status status,
                                const std::string& reason) {
  std::vector<Record> rows;
  for (const RowKey& key : c.workload->rows(c.point)) {
    rows.push_back(Without(row, status, reason));
    Put(key, rows.back());
  }
  return rows;
}

std::vector<Record> RowsOf(const Record& row, const SelectedCase& c, const ArmLog& log,
                           const Arm& arm, const RoofContext& roofs) {
  if (!log.failure.empty()) return RowsWithout(row, c, Status::kFailed, log.failure);
  if (!log.unsupported.empty()) return RowsWithout(row, c, Status::kUnsupported, log.unsupported);
  if (log.samples.empty()) {
    return RowsWithout(row, c, Status::kSkipped, WhyNone(log, arm));
  }
  std::vector<Record> rows;
  for (const RowKey& key : c.workload->rows(c.point)) {
    rows.push_back(RowOfKey(row, key, log, arm, roofs));
  }
  return rows;
}

}  // namespace inferometer
