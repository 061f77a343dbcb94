// FromJson: a result out of JSON that may come from anyone. Each check names the path.
#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <limits>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "results/json.h"
#include "results/metrics.h"
#include "results/record.h"
#include "results/result_file.h"
#include "results/schema_id.h"
#include "results/validate_schema.h"

namespace inferometer {
namespace {

void Expect(const JsonValue& value, std::string_view want) {
  if (value.String() != want) {
    value.Fail(fmt::format("expected '{}', found '{}'", want, value.String().substr(0, 80)));
  }
}

// The metric's name, its definition, unit and direction being those of the table.
std::string MetricOf(const JsonValue& json) {
  const std::string name = json["metric"].String();
  const Metric* metric = FindMetric(name);
  if (metric == nullptr) {
    json["metric"].Fail(
        fmt::format("unknown metric '{}'; `inferometer list metrics` shows those "
                    "this version knows",
                    name.substr(0, 80)));
  }
  Expect(json["definition"], metric->definition);
  Expect(json["unit"], metric->unit);
  Expect(json["better"], metric->better == Better::kHigher ? "higher" : "lower");
  return name;
}

int Int(const JsonValue& json) { return static_cast<int>(json.Integer(0, INT_MAX)); }

std::optional<ModelRef> ModelOf(const JsonValue& json) {
  if (json.IsNull()) return std::nullopt;
  return ModelRef{.name = json["name"].String(),
                  .quant = json["quant"].String(),
                  .sha256 = json["sha256"].StringOrEmpty(),
                  .bytes = json["bytes"].Unsigned()};
}

std::optional<Conformance> ConformanceOf(const JsonValue& json) {
  if (json.IsNull()) return std::nullopt;
  Conformance conformance;
  conformance.pass = json["pass"].Bool();
  conformance.nmse =
      json["nmse"].IsNull() ? std::numeric_limits<double>::infinity() : json["nmse"].Number();
  conformance.limit = json["limit"].Number();
  conformance.greedy_match = Int(json["greedy_match"]);
  conformance.greedy_total = Int(json["greedy_total"]);
  return conformance;
}

std::optional<Roofline> RooflineOf(const JsonValue& json) {
  if (json.IsNull()) return std::nullopt;
  Roofline roofline;
  roofline.bound = json["bound"].String();
  if (roofline.bound != "memory" && roofline.bound != "compute") {
    json["bound"].Fail("expected 'memory' or 'compute'");
  }
  roofline.roof = json["roof"].String();
  roofline.bytes = json["bytes"].Number();
  roofline.flops = json["flops"].Number();
  roofline.fraction = json["fraction"].Number();
  return roofline;
}

Status StatusOf(const JsonValue& json) {
  for (const Status status :
       {Status::kOk, Status::kUnsupported, Status::kSkipped, Status::kFailed}) {
    if (json.String() == NameOf(status)) return status;
  }
  json.Fail("expected 'ok', 'unsupported', 'skipped' or 'failed'");
}

void ReadNumbers(const JsonValue& json, Record& record) {
  record.samples = json["samples"].Numbers();
  if (record.samples.empty()) json["samples"].Fail("a row that is ok has at least one sample");
  if (json["n"].Unsigned() != record.samples.size()) {
    json["n"].Fail(fmt::format("{} does not equal the {} samples", json["n"].Unsigned(),
                               record.samples.size()));
  }
  record.median = json["median"].Number();
  const auto [low, high] = std::minmax_element(record.samples.begin(), record.samples.end());
  if (record.median < *low || record.median > *high) {
    json["median"].Fail("lies outside the samples");
  }
  if (json.Has("ci95")) {
    const std::vector<double> ends = json["ci95"].Numbers();
    if (ends.size() != 2 || ends[0] > ends[1]) json["ci95"].Fail("expected [low, high]");
    record.ci95 = {ends[0], ends[1]};
  }
  if (json.Has("cold")) record.cold = json["cold"].Number();
  for (const JsonValue& times : json["token_times_s"].Items()) {
    record.token_times_s.push_back(times.Numbers());
    if (!std::is_sorted(record.token_times_s.back().begin(), record.token_times_s.back().end())) {
      times.Fail("token times must not decrease");
    }
  }
  record.converged = json["converged"].Bool();
  record.shape = json["shape"].String();
  const JsonValue warmup = json["warmup"];
  record.warmup_repetitions.reset();
  if (warmup.Has("repetitions")) record.warmup_repetitions = Int(warmup["repetitions"]);
  record.warmup_stop = warmup["stop"].StringOrEmpty();
  for (const JsonValue& index : json["outliers"].Items()) {
    record.outliers.push_back(static_cast<std::size_t>(
        index.Integer(0, static_cast<std::int64_t>(record.samples.size()) - 1)));
  }
  record.roofline = RooflineOf(json["roofline"]);
  for (const auto& [key, reason] : json["absent"].Object().items()) {
    record.absent[key] = json["absent"][key].String();
  }
}

void ExpectNoNumbers(const JsonValue& json) {
  for (const char* key :
       {"median", "ci95", "n", "cold", "converged", "shape", "warmup", "roofline"}) {
    if (json.Has(key)) json[key].Fail("a row that is not ok has no numbers");
  }
  for (const char* key : {"samples", "token_times_s", "outliers"}) {
    if (!json[key].Items().empty()) json[key].Fail("a row that is not ok has no numbers");
  }
}

Record RecordOf(const JsonValue& json) {
  Record record;
  record.workload = json["workload"].String();
  record.model = ModelOf(json["model"]);
  record.backend = json["backend"].String();
  record.device = json["device"].String();
  record.requested = json["requested"].String();
  record.software = json["software"].Bool();
  record.threads = Int(json["threads"]);
  record.params = json["params"].Object();
  record.metric = MetricOf(json);
  record.status = StatusOf(json["status"]);
  record.reason = json["reason"].StringOrEmpty();
  record.conformance = ConformanceOf(json["conformance"]);
  if (record.status == Status::kOk) {
    ReadNumbers(json, record);
  } else {
    if (record.reason.empty()) json["reason"].Fail("a row that is not ok says why");
    ExpectNoNumbers(json);
  }
  return record;
}

Ceiling CeilingOf(const JsonValue& json) {
  Ceiling ceiling;
  ceiling.metric = MetricOf(json);
  ceiling.backend = json["backend"].String();
  ceiling.device = json["device"].String();
  if (json.Has("software")) ceiling.software = json["software"].Bool();
  ceiling.threads = Int(json["threads"]);
  ceiling.at_s = json["at_s"].Number();
  ceiling.samples = json["samples"].Numbers();
  if (json["n"].Unsigned() != ceiling.samples.size()) {
    json["n"].Fail("does not equal the number of samples");
  }
  ceiling.value = json["value"].Number();
  ceiling.params = json["params"].Object();
  return ceiling;
}

}  // namespace

Result FromJson(const nlohmann::json& document) {
  const JsonValue json(document);
  Expect(json["kind"], kSchemaKind);
  if (json["schema_version"].String() != kSchemaVersion) {
    json["schema_version"].Fail(
        fmt::format("this version reads {}, not '{}'; use the Inferometer "
                    "that wrote the file, or a newer one",
                    kSchemaVersion, json["schema_version"].String().substr(0, 20)));
  }
  Expect(json["schema"], kSchemaId);
  Expect(json["suite"], kSuite);
  Result result;
  result.tool = json["tool"].Object();
  result.run = json["run"].Object();
  result.device = json["device"].Object();
  for (const JsonValue& item : json["ceilings"].Items()) {
    result.ceilings.push_back(CeilingOf(item));
  }
  for (const JsonValue& item : json["records"].Items()) result.records.push_back(RecordOf(item));
  for (const JsonValue& item : json["warnings"].Items()) {
    result.warnings.push_back({.id = item["id"].String(),
                               .message = item["message"].String(),
                               .remedy = item["remedy"].String()});
  }
  if (json.Has("profiles")) {
    for (const JsonValue& item : json["profiles"].Items()) {
      result.profiles.push_back(ProfileOf(item));
    }
  }
  return result;
}

Result ParseResult(std::string_view text, std::string_view name) {
  const nlohmann::json document = ParseJson(text, name);
  const std::vector<SchemaFinding> findings = ValidateSchema(document);
  if (!findings.empty()) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("'{}' is not a result file:\n{}", name, Describe(findings)));
  }
  try {
    return FromJson(document);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("'{}': {}", name, error.what()));
  }
}

Result ReadResult(const std::string& path) { return ParseResult(ReadText(path), path); }

}  // namespace inferometer
