// Policies from JSON, to JSON, and what they say about a row.
#include "harness/gate/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/gate/fingerprint.h"
#include "harness/gate/row.h"
#include "results/json.h"
#include "results/validate_schema.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr char kId[] = "urn:inferometer:schema:policy:1.0";
// Two stored results are minutes or days apart, and what a machine does in between is in neither
// interval. Interleaved runs cancel it; here the threshold has to hold it.
constexpr double kUnpairedFactor = 2;

Calibration CalibrationOf(const JsonValue& in) {
  Calibration calibration;
  calibration.machine = in["machine"].Object();
  if (in.Has("measured_at")) calibration.measured_at = in["measured_at"].String();
  calibration.pairs = in["pairs"].Unsigned();
  for (const JsonValue& item : in["noise"].Items()) {
    calibration.noise.push_back({item["row"].String(), item["pair_p95"].Number(),
                                 item["estimate_p95"].Number(), item["detectable"].Number()});
  }
  return calibration;
}

json ToJson(const Calibration& calibration) {
  json noise = json::array();
  for (const RowNoise& row : calibration.noise) {
    noise.push_back({{"row", row.row},
                     {"pair_p95", row.pair_p95},
                     {"estimate_p95", row.estimate_p95},
                     {"detectable", row.detectable}});
  }
  return {{"machine", calibration.machine},
          {"measured_at", calibration.measured_at.empty() ? json() : json(calibration.measured_at)},
          {"pairs", calibration.pairs},
          {"noise", std::move(noise)}};
}

// The keys that hold one value each.
void ReadScalars(const JsonValue& in, Policy& policy) {
  const auto number = [&](const char* key, double& to) {
    if (in.Has(key)) to = in[key].Number();
  };
  const auto count = [&](const char* key, std::size_t& to) {
    if (in.Has(key)) to = in[key].Unsigned();
  };
  const auto choice = [&](const char* key, const char* yes, bool& to) {
    if (in.Has(key)) to = in[key].String() == yes;
  };
  if (in.Has("description")) policy.description = in["description"].String();
  choice("inconclusive", "fail", policy.inconclusive_fails);
  choice("outputs", "gate", policy.gate_outputs);
  choice("costs", "gate", policy.gate_costs);
  count("pairs", policy.pairs);
  count("confirm_pairs", policy.confirm_pairs);
  number("max_run_time_s", policy.max_run_time_s);
  number("arm_time_limit_s", policy.arm_time_limit_s);
  if (!in.Has("control")) return;
  const JsonValue control = in["control"];
  if (control.Has("limit")) policy.control_limit = control["limit"].Number();
  if (control.Has("retries")) policy.control_retries = control["retries"].Unsigned();
}

}  // namespace

Policy ParsePolicy(std::string_view text, std::string_view name) {
  const json document = ParseJson(text, name);
  const std::vector<SchemaFinding> findings = ValidateSchema(document, SchemaName::kPolicy);
  if (!findings.empty()) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("'{}' is not a policy file:\n{}", name, Describe(findings)));
  }
  const JsonValue in(document);
  Policy policy;
  ReadScalars(in, policy);
  if (in.Has("thresholds")) {
    for (const JsonValue& item : in["thresholds"].Items()) {
      Policy::Threshold threshold{item["metric"].String(), "*", {}};
      if (item.Has("workload")) threshold.workload = item["workload"].String();
      if (item.Has("threshold")) threshold.threshold = item["threshold"].Number();
      policy.thresholds.push_back(std::move(threshold));
    }
  }
  if (in.Has("required")) {
    for (const JsonValue& item : in["required"].Items()) {
      policy.required.push_back({item["metric"].String(), item["workload"].String()});
    }
  }
  if (in.Has("calibration")) policy.calibration = CalibrationOf(in["calibration"]);
  return policy;
}

Policy ReadPolicy(const std::string& path) { return ParsePolicy(ReadText(path), path); }

json ToJson(const Policy& policy) {
  json out = {{"schema", kId},
              {"schema_version", "1.0"},
              {"kind", "policy"},
              {"thresholds", json::array()},
              {"required", json::array()},
              {"inconclusive", policy.inconclusive_fails ? "fail" : "pass"},
              {"outputs", policy.gate_outputs ? "gate" : "report"},
              {"costs", policy.gate_costs ? "gate" : "report"},
              {"pairs", policy.pairs},
              {"confirm_pairs", policy.confirm_pairs},
              {"max_run_time_s", policy.max_run_time_s},
              {"arm_time_limit_s", policy.arm_time_limit_s},
              {"control", {{"limit", policy.control_limit}, {"retries", policy.control_retries}}},
              {"calibration", policy.calibration ? ToJson(*policy.calibration) : json()}};
  if (!policy.description.empty()) out["description"] = policy.description;
  for (const Policy::Threshold& threshold : policy.thresholds) {
    out["thresholds"].push_back(
        {{"metric", threshold.metric},
         {"workload", threshold.workload},
         {"threshold", threshold.threshold ? json(*threshold.threshold) : json()}});
  }
  for (const Policy::Requirement& row : policy.required) {
    out["required"].push_back({{"metric", row.metric}, {"workload", row.workload}});
  }
  return out;
}

RowLimit LimitOf(const Policy& policy, const Record& record, bool paired, const json& machine) {
  const MetricGating usual = GatingOf(record.metric);
  RowLimit limit{usual.how, usual.threshold, false};
  for (const Policy::Threshold& over : policy.thresholds) {
    if (!Matches(over.metric, record.metric) || !Matches(over.workload, record.workload)) continue;
    if (!over.threshold) {
      limit.how = Gating::kReport;
    } else if (usual.how != Gating::kExact) {
      limit = {Gating::kRelative, *over.threshold, false};
    }
  }
  if (limit.how != Gating::kRelative) return limit;
  if (!paired) limit.threshold *= kUnpairedFactor;
  if (!policy.calibration || !MachineDifferences(policy.calibration->machine, machine).empty()) {
    return limit;
  }
  const std::string id = RowId(record);
  for (const RowNoise& noise : policy.calibration->noise) {
    const double floor = 2 * (paired ? noise.estimate_p95 : noise.pair_p95);
    if (noise.row != id || floor <= limit.threshold) continue;
    limit.threshold = floor;
    limit.raised = true;
  }
  return limit;
}

}  // namespace inferometer
