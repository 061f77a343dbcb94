// JSON as Google Benchmark writes it (docs/user_guide.md, "Output Formats"), for its compare.py.
//
// That tool compares times, less being better, so a rate becomes the time of one unit: seconds per
// token, per byte, per operation. CPU time is not measured apart and equals real time. Rows that
// are not ok have no times; they are named in context.not_ok, never written as 0.
#include <fmt/format.h>

#include "harness/report/formats.h"
#include "harness/report/rows.h"
#include "results/metrics.h"
#include "results/result_file.h"

namespace inferometer {
namespace {

using nlohmann::json;

std::string NameOfRow(const Record& record) {
  std::string name = fmt::format("{}/{}", record.workload, record.metric);
  for (const auto& [key, value] : record.params.items()) {
    name +=
        fmt::format("/{}:{}", key,
                    value.is_string() ? value.get<std::string>()
                                      : value.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  if (record.model) name += fmt::format("/{}/{}", record.model->name, record.model->quant);
  return name + "/" + record.device;
}

bool IsRate(const Metric& metric) { return metric.unit.ends_with("/s"); }

// In ns, the resolution that the format is used with.
double Time(const Record& record, double value) {
  const Metric* metric = FindMetric(record.metric);
  return metric != nullptr && IsRate(*metric) ? 1e9 / value : value * 1e9;
}

// Whether all values can become times.
bool IsTimed(const Record& record) {
  const Metric* metric = FindMetric(record.metric);
  if (record.status != Status::kOk || metric == nullptr) return false;
  if (metric->unit != "s" && !IsRate(*metric)) return false;
  for (const double value : record.samples) {
    if (!(value > 0)) return false;
  }
  return record.median > 0;
}

json Entry(const Record& record, std::size_t family, double value) {
  const std::string name = NameOfRow(record);
  return {{"name", name},
          {"family_index", family},
          {"per_family_instance_index", 0},
          {"run_name", name},
          {"repetitions", record.samples.size()},
          {"threads", record.threads > 0 ? record.threads : 1},
          {"real_time", Time(record, value)},
          {"cpu_time", Time(record, value)},
          {"time_unit", "ns"},
          {record.metric, value}};
}

}  // namespace

std::string RenderGoogleBenchmarkJson(const Result& result, const Style&) {
  const auto cores = result.device.contains("cpu") && result.device["cpu"].is_object() &&
                             result.device["cpu"].contains("threads")
                         ? result.device["cpu"]["threads"]
                         : json();
  json context = {{"date", result.run.contains("started_at") ? result.run["started_at"] : json()},
                  {"host_name", ""},
                  {"executable", "inferometer"},
                  {"num_cpus", cores},
                  {"mhz_per_cpu", nullptr},
                  {"cpu_scaling_enabled", nullptr},
                  {"caches", json::array()},
                  {"load_avg", json::array()},
                  {"library_version", "inferometer " + TextAt(result.tool, {"version"})},
                  {"library_build_type", "release"},
                  {"json_schema_version", 1},
                  {"device", DeviceLine(result)},
                  {"not_ok", json::array()}};
  json benchmarks = json::array();
  std::size_t family = 0;
  for (const Record& record : result.records) {
    if (record.status != Status::kOk) {
      context["not_ok"].push_back({{"name", NameOfRow(record)},
                                   {"status", NameOf(record.status)},
                                   {"reason", record.reason}});
    }
    if (!IsTimed(record)) continue;
    for (std::size_t i = 0; i < record.samples.size(); ++i) {
      json entry = Entry(record, family, record.samples[i]);
      entry["run_type"] = "iteration";
      entry["repetition_index"] = i;
      entry["iterations"] = 1;
      benchmarks.push_back(std::move(entry));
    }
    json entry = Entry(record, family, record.median);
    entry["name"] = NameOfRow(record) + "_median";
    entry["run_type"] = "aggregate";
    entry["aggregate_name"] = "median";
    entry["aggregate_unit"] = "time";
    entry["iterations"] = record.samples.size();
    benchmarks.push_back(std::move(entry));
    ++family;
  }
  const json document = {{"context", context}, {"benchmarks", benchmarks}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace inferometer
