// One plain sentence: what limits this device.
#include "harness/report/limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "harness/report/quantity.h"
#include "harness/report/rows.h"
#include "results/metrics.h"

namespace inferometer {
namespace {

// From here on a roof counts as reached: what one stream of weights and the rest of a step leave
// room for. From here down, the time goes elsewhere.
constexpr double kReached = 0.70;
constexpr double kFar = 0.40;
// Above this, weights did not come from memory: rows are refused there unless the cache can hold
// them.
constexpr double kFromCache = 1.05;

std::int64_t DepthOf(const Record& record) {
  const auto depth = record.params.find("depth");
  return depth != record.params.end() && depth->is_number_integer() ? depth->get<std::int64_t>()
                                                                    : 0;
}

bool IsRate(const Record& record) {
  return record.workload != "batch" &&
         (record.metric == "decode_rate" || record.metric == "prefill_rate");
}

// Whether `a` stands for the device rather than `b`.
bool IsBetter(const Record& a, const Record& b) {
  if (a.software != b.software) return b.software;
  if (a.metric != b.metric) return a.metric == "decode_rate";
  if (DepthOf(a) != DepthOf(b)) return DepthOf(a) < DepthOf(b);
  return a.median > b.median;
}

const Record* Representative(const Result& result) {
  const Record* best = nullptr;
  for (const Record& record : result.records) {
    if (record.status != Status::kOk || !record.roofline || !IsRate(record)) continue;
    if (!(record.roofline->fraction > 0)) continue;
    if (best == nullptr || IsBetter(record, *best)) best = &record;
  }
  return best;
}

// The roof of a row. That of its own minutes follows from its bytes, its rate and its share; where
// the unit of work is not a token the ceilings tell.
double RoofOf(const Result& result, const Record& record) {
  const Roofline& roofline = *record.roofline;
  if (record.metric == "decode_rate") {
    return (roofline.bound == "memory" ? roofline.bytes : roofline.flops) * record.median /
           roofline.fraction;
  }
  for (const Roof& roof : RoofsOf(result)) {
    if (roof.metric == roofline.roof && roof.device == record.device &&
        roof.threads == record.threads) {
      return roof.middle;
    }
  }
  return 0;
}

std::string Threads(int threads) {
  return threads == 1 ? "1 thread" : fmt::format("{} threads", threads);
}

// Whether the run already used every core, so that no thread can be added.
bool UsesAllCores(const Result& result, const Record& record) {
  const auto cpu = result.device.find("cpu");
  if (cpu == result.device.end() || !cpu->is_object()) return false;
  const auto cores = cpu->find("cores");
  return cores != cpu->end() && cores->is_number_integer() && cores->get<int>() > 0 &&
         record.threads >= cores->get<int>();
}

// Whether others took so much of the processors that a low share says nothing about the kernels.
bool WasDisturbed(const Result& result) {
  return std::any_of(result.warnings.begin(), result.warnings.end(), [](const Warning& warning) {
    return warning.id == "background_load" || warning.id == "steal_time";
  });
}

constexpr std::string_view kDisturbed =
    ": other work held the processors meanwhile, so what limits this device is not known.";

std::string Memory(const Result& result, const Record& record, double roof) {
  const double fraction = record.roofline->fraction;
  const std::string verb =
      record.metric == "decode_rate" ? "Decode reads weights" : "Prefill reads";
  std::string line = verb;
  if (roof > 0) line += " at " + Quantity(roof * fraction, "B/s");
  line += fmt::format("{} {}{} of what this memory delivers", roof > 0 ? "," : " with",
                      fraction < kReached ? "only " : "", Percent(fraction));
  line += record.threads > 0 ? " to " + Threads(record.threads) : " to this device";
  if (fraction > kFromCache) {
    return line +
           ": the last cache holds much of this model, and one that it does not hold is slower.";
  }
  if (fraction >= kReached) {
    line += ": memory bandwidth is the limit; ";
    return line + (UsesAllCores(result, record)
                       ? "more threads will not help."
                       : "smaller weights help, faster arithmetic does not.");
  }
  if (WasDisturbed(result)) return line.append(kDisturbed);
  if (fraction >= kFar) {
    return line +
           ": memory bandwidth and the kernels both limit it; the rest of a token's time is "
           "not spent reading.";
  }
  return line + ": the kernels are the limit, not the memory.";
}

std::string Compute(const Result& result, const Record& record, double roof) {
  const double fraction = record.roofline->fraction;
  const Metric* metric = FindMetric(record.roofline->roof);
  const std::string verb = record.metric == "decode_rate" ? "Decode computes" : "Prefill computes";
  std::string line = verb;
  if (roof > 0 && metric != nullptr) line += " at " + Quantity(roof * fraction, metric->unit);
  line += fmt::format("{} {}{} of the {}", roof > 0 && metric ? "," : " with",
                      fraction < kReached ? "only " : "", Percent(fraction),
                      metric ? std::string(metric->label) : record.roofline->roof);
  line += record.threads > 0 ? " of " + Threads(record.threads) : " of this device";
  if (fraction >= kReached) {
    return line + ": arithmetic is the limit; faster memory will not help.";
  }
  if (WasDisturbed(result)) return line.append(kDisturbed);
  if (fraction >= kFar) return line + ": arithmetic and the kernels both limit it.";
  return line + ": the kernels are the limit, not the hardware.";
}

}  // namespace

std::string WhatLimits(const Result& result) {
  const Record* record = Representative(result);
  if (result.records.empty() && !result.ceilings.empty()) {
    return "What this device can do at most; no model was run.";
  }
  if (record == nullptr) {
    return "What limits this device is not known: no row was measured that can be held against a "
           "roof.";
  }
  const double roof = RoofOf(result, *record);
  return record->roofline->bound == "memory" ? Memory(result, *record, roof)
                                             : Compute(result, *record, roof);
}

}  // namespace inferometer
