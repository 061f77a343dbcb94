// Every aggregate recomputed from raw samples, every sample from its token times.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/stats/median.h"
#include "harness/stats/quantile.h"
#include "results/metrics.h"
#include "results/statistics.h"
#include "results/submit/checks.h"

namespace inferometer {
namespace {

using nlohmann::json;

// Two ways to sum may differ in the last bits.
constexpr double kRounding = 1e-9;
constexpr std::size_t kClauseTokens = 16;  // of first_clause_time_v1

bool Same(double a, double b) {
  return std::abs(a - b) <= kRounding * std::max(std::abs(a), std::abs(b));
}

std::string Row(std::size_t i, const char* key) { return fmt::format("records[{}].{}", i, key); }

void Differs(Findings& findings, std::size_t i, const char* key, const json& stored,
             const json& computed) {
  findings.push_back(
      MakeFinding("aggregate", Row(i, key),
                  fmt::format("is {}, the samples give {}", stored.dump().substr(0, 60),
                              computed.dump().substr(0, 60))));
}

void CheckRow(const json& row, std::size_t i, Findings& findings) {
  Record record;
  record.metric = row["metric"].get<std::string>();
  record.samples = row["samples"].get<std::vector<double>>();
  if (FindMetric(record.metric) == nullptr) return;  // FromJson says so
  PutStatistics(record);
  if (row["n"] != record.samples.size()) Differs(findings, i, "n", row["n"], record.samples.size());
  if (!Same(row["median"].get<double>(), record.median)) {
    Differs(findings, i, "median", row["median"], record.median);
  }
  const json interval =
      record.ci95 ? json::array({record.ci95->first, record.ci95->second}) : json();
  const bool both = row["ci95"].is_array() && interval.is_array();
  const bool same_interval = both
                                 ? Same(row["ci95"][0].get<double>(), interval[0].get<double>()) &&
                                       Same(row["ci95"][1].get<double>(), interval[1].get<double>())
                                 : row["ci95"] == interval;
  if (!same_interval) Differs(findings, i, "ci95", row["ci95"], interval);
  if (row["converged"] != record.converged) {
    Differs(findings, i, "converged", row["converged"], record.converged);
  }
  if (row["shape"] != record.shape) Differs(findings, i, "shape", row["shape"], record.shape);
  if (row["outliers"] != json(record.outliers)) {
    Differs(findings, i, "outliers", row["outliers"], record.outliers);
  }
}

void CheckRoof(const json& roof, std::size_t i, Findings& findings) {
  const auto samples = roof["samples"].get<std::vector<double>>();
  const std::string path = fmt::format("ceilings[{}].", i);
  if (roof["n"] != samples.size() || samples.empty()) {
    findings.push_back(
        MakeFinding("aggregate", path + "n", fmt::format("there are {} samples", samples.size())));
    return;
  }
  const double value =
      roof["unit"] == "s" ? Median(samples) : *std::max_element(samples.begin(), samples.end());
  if (!Same(roof["value"].get<double>(), value)) {
    findings.push_back(MakeFinding(
        "aggregate", path + "value",
        fmt::format("is {}, the samples give {}", roof["value"].dump(), json(value).dump())));
  }
}

// The sample that a trace gives; NaN where the metric is none of traces.
double OfTrace(const std::string& metric, const std::vector<double>& times) {
  if (times.size() < 2) return std::nan("");
  if (metric == "decode_rate") {
    return static_cast<double>(times.size() - 1) / (times.back() - times.front());
  }
  if (metric == "itl_p50" || metric == "itl_p95" || metric == "itl_p99") {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
    return Quantile(gaps, metric == "itl_p50" ? 0.5 : metric == "itl_p95" ? 0.95 : 0.99);
  }
  if (metric == "first_clause_time" && times.size() >= kClauseTokens) {
    return times[kClauseTokens - 1];
  }
  return std::nan("");
}

// The number of tokens that each trace of the row must have; 0 where nothing says so.
std::size_t TokensOf(const json& row) {
  const std::string workload = row["workload"].get<std::string>();
  const char* key = workload == "voice" ? "answer"
                    : workload == "decode" || workload == "kv_sweep" || workload == "kv_quant"
                        ? "tokens"
                        : nullptr;
  if (key == nullptr) return 0;
  const auto found = row["params"].find(key);
  return found != row["params"].end() && found->is_number_unsigned() ? found->get<std::size_t>()
                                                                     : 0;
}

bool IsSameCase(const json& a, const json& b) {
  for (const char* key : {"workload", "model", "backend", "device", "threads", "params", "n"}) {
    if (a[key] != b[key]) return false;
  }
  return true;
}

// The traces of a row, or of the row of the same case that holds them for all.
const json* TracesOf(const json& records, std::size_t i) {
  if (!records[i]["token_times_s"].empty()) return &records[i]["token_times_s"];
  for (std::size_t j = 0; j < records.size(); ++j) {
    if (j != i && records[j]["status"] == "ok" && !records[j]["token_times_s"].empty() &&
        IsSameCase(records[i], records[j])) {
      return &records[j]["token_times_s"];
    }
  }
  return nullptr;
}

void CheckTrace(const json& row, std::size_t i, std::size_t sample, const json& trace,
                Findings& findings) {
  const auto times = trace.get<std::vector<double>>();
  const std::string path = fmt::format("records[{}].token_times_s[{}]", i, sample);
  const std::size_t tokens = TokensOf(row);
  if (tokens != 0 && times.size() != tokens) {
    findings.push_back(MakeFinding(
        "token_count", path, fmt::format("has {} times for {} tokens", times.size(), tokens)));
  }
  if (!std::is_sorted(times.begin(), times.end())) {
    findings.push_back(MakeFinding("token_times", path, "times go back"));
    return;
  }
  const double stored = row["samples"][sample].get<double>();
  const double computed = OfTrace(row["metric"].get<std::string>(), times);
  if (!std::isnan(computed) && !Same(stored, computed)) {
    findings.push_back(
        MakeFinding("token_times", fmt::format("records[{}].samples[{}]", i, sample),
                    fmt::format("is {}, its token times give {}", stored, computed)));
  }
}

}  // namespace

void CheckStatistics(const json& document, Findings& findings) {
  const json& records = document["records"];
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i]["status"] == "ok") CheckRow(records[i], i, findings);
  }
  const json& roofs = document["ceilings"];
  for (std::size_t i = 0; i < roofs.size(); ++i) CheckRoof(roofs[i], i, findings);
}

void CheckTokens(const json& document, Findings& findings) {
  const json& records = document["records"];
  for (std::size_t i = 0; i < records.size(); ++i) {
    const json& row = records[i];
    if (row["status"] != "ok" || row["workload"] == "sustained") continue;
    const bool own = !row["token_times_s"].empty();
    const bool timed = row["workload"] == "decode" && row["unit"] != "J/tok";
    const json* traces = TracesOf(records, i);
    if (traces == nullptr) {
      if (timed)
        findings.push_back(MakeFinding("token_count", Row(i, "token_times_s"), "has no times"));
      continue;
    }
    if (traces->size() != row["samples"].size()) {
      if (!own && !timed) continue;
      findings.push_back(MakeFinding(
          "token_count", Row(i, "token_times_s"),
          fmt::format("has {} traces for {} samples", traces->size(), row["samples"].size())));
      continue;
    }
    for (std::size_t sample = 0; sample < traces->size(); ++sample) {
      CheckTrace(row, i, sample, (*traces)[sample], findings);
    }
  }
}

}  // namespace inferometer
