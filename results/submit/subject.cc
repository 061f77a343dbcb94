// What a row is about.
#include "results/submit/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "harness/base/sha256.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr const char* kPointKeys[] = {"answer",    "cache",  "depth",  "kv",      "sequences",
                                      "store",     "system", "tokens", "turn_1",  "turn_2",
                                      "utterance", "window", "kept",   "dropped", "minutes"};
constexpr std::string_view kTimed[] = {"decode_rate", "prefill_rate",     "ttft",
                                       "itl_p50",     "itl_p95",          "batch_rate",
                                       "load_time",   "first_clause_time"};
constexpr std::size_t kFewestToTell = 4;

std::string Text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool Has(const json& gpu, const std::string& api) {
  const auto found = gpu.find(api);
  return found != gpu.end() && found->is_array() && !found->empty();
}

}  // namespace

std::size_t GpuOf(const json& device, const Record& record) {
  const auto gpus = device.find("gpus");
  if (gpus == device.end() || !gpus->is_array()) return 0;
  std::vector<std::size_t> with_api, real;
  for (std::size_t i = 0; i < gpus->size(); ++i) {
    if (Has((*gpus)[i], record.backend)) with_api.push_back(i);
    if (!(*gpus)[i].value("software", json(false)).is_boolean() ||
        !(*gpus)[i].value("software", json(false)).get<bool>()) {
      real.push_back(i);
    }
  }
  std::size_t number = 0;
  const std::size_t colon = record.device.find(':');
  if (colon != std::string::npos) {
    std::from_chars(record.device.data() + colon + 1, record.device.data() + record.device.size(),
                    number);
  }
  if (number < with_api.size()) return with_api[number];
  return real.empty() ? gpus->size() : real.front();
}

std::string HardwareOf(const Result& result, const Record& record) {
  if (record.backend != "cpu") {
    const std::size_t gpu = GpuOf(result.device, record);
    const json::json_pointer at(fmt::format("/gpus/{}/name", gpu));
    if (result.device.contains(at) && result.device[at].is_string()) {
      return result.device[at].get<std::string>();
    }
  }
  for (const char* key : {"name", "soc", "microarchitecture"}) {
    const json::json_pointer at(std::string("/cpu/") + key);
    if (result.device.contains(at) && result.device[at].is_string()) {
      return result.device[at].get<std::string>();
    }
  }
  return record.device;
}

std::string PointOf(const Record& record) {
  std::string point = record.workload;
  std::vector<std::string> parts;
  for (const char* key : kPointKeys) {
    const auto found = record.params.find(key);
    if (found != record.params.end() && !found->is_null()) {
      parts.push_back(fmt::format(" {}={}", key, Text(*found)));
    }
  }
  std::sort(parts.begin(), parts.end());
  for (const std::string& part : parts) point += part;
  return point;
}

std::string SubjectOf(const Result& result, const Record& record) {
  return fmt::format("{}|{}|{}|{}|{}|{}", HardwareOf(result, record), record.backend,
                     record.model ? record.model->name : "",
                     record.model ? record.model->quant : "", PointOf(record), record.metric);
}

bool IsOfTimes(const Record& record) {
  return std::find(std::begin(kTimed), std::end(kTimed), record.metric) != std::end(kTimed);
}

std::string PrintOfSamples(const Record& record) {
  if (record.samples.size() < kFewestToTell || !IsOfTimes(record)) return {};
  std::vector<double> sorted = record.samples;
  std::sort(sorted.begin(), sorted.end());
  const double middle = Median(sorted);
  if (sorted.front() == sorted.back() || !(middle > 0)) return {};
  std::string text = record.metric + " ";  // a rate of a batch is a multiple of a sequence's
  for (const double sample : sorted) text += fmt::format("{:.7f} ", sample / middle);
  return Sha256Hex(text);
}

double LastLevelBytes(const json& device) {
  const json::json_pointer at("/cpu/caches");
  if (!device.contains(at) || !device[at].is_array()) return 0;
  double bytes = 0, level = 0;
  for (const json& cache : device[at]) {
    const auto number = [&](const char* key, double fallback) {
      const auto found = cache.find(key);
      return found != cache.end() && found->is_number() ? found->get<double>() : fallback;
    };
    if (number("level", 0) < level) continue;
    level = number("level", 0);
    bytes = number("size_bytes", 0) * std::max(1.0, number("count", 1));
  }
  return bytes;
}

}  // namespace inferometer
