// A made-up leaderboard result that passes every check.
#include "tests/results/submit/made_result.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/random.h"
#include "harness/base/sha256.h"
#include "harness/stats/median.h"
#include "harness/stats/quantile.h"
#include "results/statistics.h"
#include "results/submit/checks.h"
#include "results/submit/known_models.h"
#include "results/submit/publish.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr int kRepetitions = 8;
constexpr double kBandwidth = 60e9, kPeak = 2e12, kShareOfRoof = 0.7;
constexpr char kModel[] = "smollm2-135m", kQuant[] = "q8_0";

class Maker {
 public:
  explicit Maker(const MadeOptions& options) : options_(options), random_(options.seed) {}

  Result Make() {
    result_.tool = {{"version", "0.1.0"},      {"commit", std::string(40, 'a')},
                    {"dirty", false},          {"compiler", "GNU 12.2.0"},
                    {"flags", "-O3 -DNDEBUG"}, {"sha256", std::string(64, 'b')}};
    result_.run = {{"id", Sha256Hex(fmt::format("run {}", options_.seed)).substr(0, 32)},
                   {"started_at", "2026-05-04T10:15:00Z"},
                   {"preset", "leaderboard"},
                   {"seed", 1},
                   {"duration_s", 300.0},
                   {"order", json::array({"a", "b"})},
                   {"complete", true},
                   {"start_gate", {{"waited_s", 1.5}, {"limit_s", 30.0}, {"settled", true}}}};
    result_.device = {
        {"class", "laptop"},
        {"cpu",
         {{"name", "Made-up CPU 9000"},
          {"cores", 8},
          {"threads", 16},
          {"packages", 1},
          {"isa", {"avx2"}},
          {"caches",
           json::array(
               {{{"level", 3}, {"type", "unified"}, {"size_bytes", 16777216}, {"count", 1}}})}}},
        {"memory", {{"total_bytes", 16777216000}, {"type", "DDR5"}}},
        {"gpus", json::array()},
        {"os",
         {{"name", "Debian GNU/Linux 12"},
          {"kernel", "6.1.0-28-amd64"},
          {"machine", "Example 14"}}},
        {"power", {{"source", "mains"}}},
        {"environment", {{"hypervisor", "none"}}}};
    AddDevice("cpu", "cpu:avx2", 8, kBandwidth * options_.speed);
    if (options_.gpu) {
      result_.device["gpus"].push_back(
          {{"name", "Made-up Graphics 900"},
           {"type", "discrete"},
           {"software", false},
           {"vulkan", json::array({{{"name", "Made-up Graphics 900"}}})}});
      AddDevice("vulkan", "vulkan:0", 0, kBandwidth * options_.speed * options_.gpu_speed);
    }
    return std::move(result_);
  }

 private:
  double Noise() { return 1 + 0.002 * random_.Uniform(); }

  void AddRoof(const Record& row, const char* metric, double value, double at_s) {
    Ceiling roof;
    roof.metric = metric;
    roof.backend = row.backend;
    roof.device = row.device;
    roof.threads = row.threads;
    roof.at_s = at_s;
    for (int i = 0; i < 5; ++i) roof.samples.push_back(value * Noise());
    roof.value = *std::max_element(roof.samples.begin(), roof.samples.end());
    result_.ceilings.push_back(std::move(roof));
  }

  void AddDevice(const char* backend, const char* device, int threads, double bandwidth) {
    Record row;
    row.backend = backend;
    row.device = device;
    row.threads = threads;
    const KnownModel& known = *FindKnownModel(kModel, kQuant);
    row.model = ModelRef{kModel, kQuant, known.sha256, known.bytes};
    row.conformance = Conformance{true, 1e-4, 0.002, 32, 32};
    row.warmup_stop = "steady";
    row.warmup_repetitions = 3;
    AddRoof(row, "read_bandwidth", bandwidth, 2);
    roof_ = result_.ceilings.back().value;
    peak_ = kPeak / kBandwidth * bandwidth;
    AddRoof(row, "int8_peak", peak_, 3);
    AddRoof(row, "fp32_peak", peak_ / 4, 4);
    AddRoof(row, "fp16_peak", peak_ / 4, 5);
    AddDecode(row, 0);
    AddDecode(row, 2048);
    AddPrefill(row);
  }

  void Finish(Record row, const Price& price, double seconds) {
    row.cold = row.samples.front() * 0.9;
    PutStatistics(row);
    const double bytes_s = price.bytes / roof_;
    row.roofline = Roofline{"memory", "read_bandwidth", price.bytes, price.flops(), 0};
    row.roofline->fraction = bytes_s / seconds;
    if (seconds <= 0) row.roofline.reset();
    result_.records.push_back(std::move(row));
  }

  void AddDecode(Record row, int depth) {
    row.workload = "decode";
    row.metric = "decode_rate";
    row.params = {{"depth", depth}, {"tokens", options_.tokens}, {"kv", "f16"}};
    const Price price = *PriceOfTokens(kModel, kQuant, depth + 1, options_.tokens - 1);
    std::vector<double> shares, p50;
    for (int i = 0; i < kRepetitions; ++i) {
      const double pace = Noise();
      std::vector<double> times = {0.01 * Noise()};
      for (int token = 1; token < options_.tokens; ++token) {
        times.push_back(times.back() + price.bytes / roof_ / kShareOfRoof * pace * Noise());
      }
      row.samples.push_back((options_.tokens - 1) / (times.back() - times.front()));
      shares.push_back(price.bytes / roof_ * row.samples.back());
      std::vector<double> gaps;
      for (std::size_t t = 1; t < times.size(); ++t) gaps.push_back(times[t] - times[t - 1]);
      p50.push_back(Quantile(gaps, 0.5));
      row.token_times_s.push_back(std::move(times));
    }
    Record latency = row;
    Finish(row, price, 0);
    result_.records.back().roofline =
        Roofline{"memory", "read_bandwidth", price.bytes, price.flops(), Median(shares)};
    latency.metric = "itl_p50";
    latency.samples = p50;
    Finish(latency, price, 0);
  }

  void AddPrefill(Record row) {
    row.workload = "prefill";
    row.metric = "prefill_rate";
    row.params = {{"tokens", 512}, {"kv", "f16"}};
    const Price price = *PriceOfPrompt(kModel, kQuant, 512);
    const double rate = 512 / (price.flops() / peak_ / 0.6);
    for (int i = 0; i < kRepetitions; ++i) row.samples.push_back(rate * Noise());
    Finish(row, price, 0);
    result_.records.back().roofline =
        Roofline{"compute", "int8_peak", price.bytes, price.flops(), 0.6};
  }

  const MadeOptions& options_;
  Random random_;
  Result result_;
  double roof_ = 0, peak_ = 0;  // of the device whose rows are being made
};

}  // namespace

Result MadeResult(const MadeOptions& options) { return Maker(options).Make(); }

Published Resign(const json& document, const SecretKey& key) {
  Published published;
  published.text = PublicationText(document);
  published.name = PlaceOf(published.text, document);
  published.signature = key.Sign(published.text, "file:" + published.name.substr(8));
  return published;
}

Published Publish(const json& result, const SecretKey& key) {
  return Resign(Redact(result, {.public_key = key.PublicKey(), .private_words = {}}).document, key);
}

std::vector<std::string> IdsOf(const std::vector<Finding>& findings) {
  std::vector<std::string> ids;
  for (const Finding& finding : findings) {
    const std::string id(finding.kind->id);
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

const SecretKey& TestKey() {
  static const SecretKey key = SecretKey::Generate();
  return key;
}

}  // namespace inferometer
