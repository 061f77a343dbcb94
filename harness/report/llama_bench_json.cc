// The JSON that `llama-bench -o json` writes (fields as of llama.cpp 5a32f10, tools/llama-bench),
// so that scripts written for it read our results too. Prefill and decode rows only: it has no
// others.
//
// What differs is said here once: decode_rate_v1 counts the tokens after the first, llama-bench's
// tg all of them; averages of rates are what that format asks for, not what we publish. A field
// that Inferometer has no value for is null.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "harness/report/formats.h"
#include "harness/report/rows.h"

namespace inferometer {
namespace {

using nlohmann::json;

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of the sample, as llama-bench does it: 0 for one value.
double Deviation(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double mean = Mean(values);
  const double sum = std::accumulate(values.begin(), values.end(), 0.0, [mean](double s, double v) {
    return s + (v - mean) * (v - mean);
  });
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

std::int64_t Count(const Record& record, const char* key) {
  const auto value = record.params.find(key);
  return value != record.params.end() && value->is_number_integer() ? value->get<std::int64_t>()
                                                                    : 0;
}

std::int64_t Nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

json Test(const Result& result, const Record& record) {
  const bool decode = record.metric == "decode_rate";
  const std::int64_t tokens = Count(record, "tokens");
  // The tokens that the rate counts.
  const double counted = static_cast<double>(decode ? tokens - 1 : tokens);
  std::vector<double> seconds;
  json samples_ns = json::array();
  for (const double rate : record.samples) {
    seconds.push_back(counted / rate);
    samples_ns.push_back(Nanoseconds(seconds.back()));
  }
  const auto kv = record.params.find("kv");
  const json cache = kv != record.params.end() && kv->is_string() ? *kv : json("f16");
  json test = {
      {"build_commit", result.tool.contains("commit") ? result.tool["commit"] : json()},
      {"build_number", nullptr},
      {"cpu_info", TextAt(result.device, {"cpu", "name"})},
      {"gpu_info", record.backend == "cpu" ? "" : record.device},
      {"backends", record.backend == "cpu" ? "CPU" : record.backend},
      {"model_filename", record.model ? json(record.model->name) : json()},
      {"model_type", record.model ? json(record.model->name + " " + record.model->quant) : json()},
      {"model_size", record.model ? json(record.model->bytes) : json()},
      {"model_n_params", nullptr},
      {"n_batch", nullptr},
      {"n_ubatch", nullptr},
      {"n_threads", record.threads},
      {"cpu_mask", "0x0"},
      {"cpu_strict", true},
      {"poll", nullptr},
      {"type_k", cache},
      {"type_v", cache},
      {"n_gpu_layers", record.backend == "cpu" ? json(0) : json()},
      {"split_mode", "none"},
      {"main_gpu", 0},
      {"no_kv_offload", record.backend == "cpu"},
      {"flash_attn", true},
      {"tensor_split", "0.00"},
      {"use_mmap", true},
      {"embeddings", false}};
  test["n_prompt"] = decode ? 0 : tokens;
  test["n_gen"] = decode ? tokens : 0;
  test["n_depth"] = Count(record, "depth");
  test["test_time"] = result.run.contains("started_at") ? result.run["started_at"] : json();
  test["avg_ns"] = Nanoseconds(Mean(seconds));
  test["stddev_ns"] = Nanoseconds(Deviation(seconds));
  test["avg_ts"] = Mean(record.samples);
  test["stddev_ts"] = Deviation(record.samples);
  test["samples_ns"] = samples_ns;
  test["samples_ts"] = record.samples;
  return test;
}

bool IsTest(const Record& record) {
  if (record.status != Status::kOk || record.samples.empty()) return false;
  const bool prefill = record.workload == "prefill" && record.metric == "prefill_rate";
  const bool decode = record.workload == "decode" && record.metric == "decode_rate";
  return (prefill && Count(record, "tokens") > 0) || (decode && Count(record, "tokens") > 1);
}

}  // namespace

std::string RenderLlamaBenchJson(const Result& result, const Style&) {
  json tests = json::array();
  for (const Record& record : result.records) {
    if (IsTest(record)) tests.push_back(Test(result, record));
  }
  return tests.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace inferometer
