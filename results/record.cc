// ToJson: a result as the JSON of results/schema/result-1.0.json.
#include "results/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "results/metrics.h"
#include "results/result_file.h"
#include "results/schema_id.h"
#include "results/score.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr std::string_view kStatusNames[] = {"ok", "unsupported", "skipped", "failed"};

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

// JSON has no infinities, and a number lost on the way must not look like an absent one.
bool IsFinite(const Record& record) {
  if (!AllFinite(record.samples) || !std::isfinite(record.median)) return false;
  if (record.cold && !std::isfinite(*record.cold)) return false;
  if (record.ci95 && !AllFinite({record.ci95->first, record.ci95->second})) return false;
  if (record.roofline &&
      !AllFinite({record.roofline->bytes, record.roofline->flops, record.roofline->fraction})) {
    return false;
  }
  return std::all_of(record.token_times_s.begin(), record.token_times_s.end(), AllFinite);
}

void PutMetric(json& out, const std::string& name) {
  const Metric* metric = FindMetric(name);
  out["metric"] = name;
  out["definition"] = metric ? json(metric->definition) : json();
  out["unit"] = metric ? json(metric->unit) : json();
  out["better"] = metric ? json(metric->better == Better::kHigher ? "higher" : "lower") : json();
}

json ModelJson(const std::optional<ModelRef>& model) {
  if (!model) return nullptr;
  return {{"name", model->name},
          {"quant", model->quant},
          {"sha256", model->sha256.empty() ? json() : json(model->sha256)},
          {"bytes", model->bytes}};
}

json ConformanceJson(const std::optional<Conformance>& conformance) {
  if (!conformance) return nullptr;
  return {{"pass", conformance->pass},
          {"nmse", std::isfinite(conformance->nmse) ? json(conformance->nmse) : json()},
          {"limit", conformance->limit},
          {"greedy_match", conformance->greedy_match},
          {"greedy_total", conformance->greedy_total}};
}

// Why each null of a measured row is null.
json AbsentJson(const Record& record) {
  json absent = json::object();
  if (!record.model) absent["model"] = "this workload runs no model";
  if (record.model && record.model->sha256.empty()) absent["model.sha256"] = "not hashed";
  if (!record.cold) absent["cold"] = "no cold repetition was set apart";
  if (!record.ci95) {
    absent["ci95"] = record.samples.size() < 6
                         ? fmt::format("{} repetitions: a 95 % interval of the median needs 6",
                                       record.samples.size())
                         : "not computed for this metric";
  }
  if (!record.roofline) absent["roofline"] = "no cost is defined for this metric";
  if (!record.conformance) absent["conformance"] = "not held against the reference in this run";
  if (!record.warmup_repetitions) absent["warmup.repetitions"] = "not recorded";
  for (const auto& [key, reason] : record.absent) {
    if (absent.contains(key)) absent[key] = reason;
  }
  return absent;
}

// The keys that a row without a result has, all empty.
void PutNothing(json& out, Status status, const std::string& reason) {
  out["status"] = kStatusNames[static_cast<std::size_t>(status)];
  out["reason"] = reason.empty() ? "no reason was recorded" : reason;
  out["samples"] = json::array();
  out["token_times_s"] = json::array();
  out["outliers"] = json::array();
  out["absent"] = json::object();
  for (const char* key :
       {"median", "ci95", "n", "cold", "converged", "shape", "warmup", "roofline"}) {
    out[key] = nullptr;
  }
}

json RecordJson(const Record& record) {
  json out = {{"workload", record.workload},   {"model", ModelJson(record.model)},
              {"backend", record.backend},     {"device", record.device},
              {"requested", record.requested}, {"software", record.software},
              {"threads", record.threads},     {"params", record.params}};
  PutMetric(out, record.metric);
  out["conformance"] = ConformanceJson(record.conformance);
  if (record.status != Status::kOk) {
    PutNothing(out, record.status, record.reason);
    return out;
  }
  if (record.samples.empty()) {
    PutNothing(out, Status::kFailed, "no repetition was completed");
    return out;
  }
  if (!IsFinite(record)) {
    PutNothing(out, Status::kFailed, "a measured value is not a finite number");
    return out;
  }
  out["status"] = "ok";
  out["reason"] = nullptr;
  out["samples"] = record.samples;
  out["n"] = record.samples.size();
  out["median"] = record.median;
  out["ci95"] = record.ci95 ? json::array({record.ci95->first, record.ci95->second}) : json();
  out["cold"] = record.cold ? json(*record.cold) : json();
  out["token_times_s"] = record.token_times_s;
  out["converged"] = record.converged;
  out["shape"] = record.shape.empty() ? "none" : record.shape;
  out["warmup"] = {
      {"repetitions", record.warmup_repetitions ? json(*record.warmup_repetitions) : json()},
      {"stop", record.warmup_stop.empty() ? json() : json(record.warmup_stop)}};
  out["outliers"] = record.outliers;
  if (record.roofline) {
    const Roofline& roofline = *record.roofline;
    out["roofline"] = {{"bound", roofline.bound},
                       {"roof", roofline.roof},
                       {"bytes", roofline.bytes},
                       {"flops", roofline.flops},
                       {"fraction", roofline.fraction}};
  } else {
    out["roofline"] = nullptr;
  }
  out["absent"] = AbsentJson(record);
  return out;
}

json CeilingJson(const Ceiling& ceiling) {
  json out = {{"backend", ceiling.backend}, {"device", ceiling.device},
              {"threads", ceiling.threads}, {"at_s", ceiling.at_s},
              {"samples", ceiling.samples}, {"n", ceiling.samples.size()},
              {"value", ceiling.value},     {"params", ceiling.params}};
  if (ceiling.software) out["software"] = true;
  PutMetric(out, ceiling.metric);
  return out;
}

json ScoreJson(const Score& score) {
  return {{"metric", "score"},
          {"definition", "score_v1"},
          {"device", score.device},
          {"model", score.model},
          {"quant", score.quant},
          {"tier", score.tier.empty() ? json() : json(score.tier)},
          {"value", score.value ? json(*score.value) : json()},
          {"reason", score.value ? json() : json(score.reason)}};
}

}  // namespace

std::string_view NameOf(Status status) { return kStatusNames[static_cast<std::size_t>(status)]; }

json ToJson(const Result& result) {
  json out = {{"schema", kSchemaId},    {"schema_version", kSchemaVersion},
              {"kind", kSchemaKind},    {"suite", kSuite},
              {"tool", result.tool},    {"run", result.run},
              {"device", result.device}};
  out["ceilings"] = json::array();
  for (const Ceiling& ceiling : result.ceilings) {
    // A roof that is not a number is no roof.
    if (std::isfinite(ceiling.value) && AllFinite(ceiling.samples)) {
      out["ceilings"].push_back(CeilingJson(ceiling));
    }
  }
  out["records"] = json::array();
  for (const Record& record : result.records) out["records"].push_back(RecordJson(record));
  out["scores"] = json::array();
  for (const Score& score : Scores(result.records)) out["scores"].push_back(ScoreJson(score));
  out["warnings"] = json::array();
  for (const Warning& warning : result.warnings) {
    out["warnings"].push_back(
        {{"id", warning.id}, {"message", warning.message}, {"remedy", warning.remedy}});
  }
  // Left out where nobody asked for them.
  for (const Profile& profile : result.profiles) out["profiles"].push_back(ToJson(profile));
  return out;
}

}  // namespace inferometer
