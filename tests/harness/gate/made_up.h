// Results with chosen numbers, for tests of comparisons.
#ifndef INFEROMETER_TESTS_HARNESS_GATE_MADE_UP_H_
#define INFEROMETER_TESTS_HARNESS_GATE_MADE_UP_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "harness/gate/findings.h"
#include "harness/stats/median.h"
#include "results/record.h"

namespace inferometer {

inline Record MadeUpRow(const std::string& workload, const std::string& metric,
                        std::vector<double> samples) {
  Record record;
  record.workload = workload;
  record.metric = metric;
  record.params = {{"depth", 0}};
  record.model = ModelRef{"tiny", "q8_0", std::string(64, 'a'), 1000};
  record.backend = "cpu";
  record.device = record.requested = "cpu:test";
  record.threads = 2;
  record.samples = std::move(samples);
  record.median = Median(record.samples);
  if (const auto interval = MedianInterval95(record.samples)) {
    record.ci95 = {interval->low, interval->high};
  }
  record.shape = "flat";
  return record;
}

// `n` samples of about `value`.
inline std::vector<double> Quiet(double value, std::size_t n = 12) {
  std::vector<double> samples;
  for (std::size_t i = 0; i < n; ++i) {
    samples.push_back(value * (1 + 0.001 * (static_cast<double>(i * 7 % 11) - 5)));
  }
  return samples;
}

// One of a machine with rows of decode and prefill, all medians times `factor`.
inline Result MadeUpRun(double factor = 1) {
  Result result;
  result.tool = {{"version", "1"}, {"commit", std::string(40, 'c')}, {"compiler", "GNU 12"}};
  result.run = {{"preset", "quick"}, {"seed", 1}, {"started_at", "2026-05-04T10:15:00Z"}};
  result.device = {{"cpu", {{"name", "Test CPU"}, {"cores", 2}}},
                   {"os", {{"name", "Linux"}}},
                   {"power", {{"source", "mains"}}}};
  result.records = {MadeUpRow("decode", "decode_rate", Quiet(40 / factor)),
                    MadeUpRow("decode", "itl_p95", Quiet(0.025 * factor)),
                    MadeUpRow("prefill", "prefill_rate", Quiet(180 / factor)),
                    MadeUpRow("prefill", "ttft", Quiet(0.7 * factor))};
  for (const char* metric : {"read_bandwidth", "fp32_peak", "int8_peak"}) {
    Ceiling ceiling;
    ceiling.metric = metric;
    ceiling.backend = "cpu";
    ceiling.device = "cpu:test";
    ceiling.threads = 2;
    ceiling.samples = {1e10};
    ceiling.value = 1e10;
    result.ceilings.push_back(ceiling);
  }
  return result;
}

inline Record& RowOf(Result& result, const std::string& metric) {
  return *std::find_if(result.records.begin(), result.records.end(),
                       [&](const Record& record) { return record.metric == metric; });
}

// The first finding of that metric that is not exact; an empty one when there is none.
inline const Finding& FindingFor(const Findings& findings, const std::string& metric) {
  static const Finding kNone;
  for (const Finding& finding : findings.rows) {
    if (finding.metric == metric && !finding.exact) return finding;
  }
  return kNone;
}

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_HARNESS_GATE_MADE_UP_H_
