// What is published: one record per measured metric, and the result that holds them all.
#ifndef INFEROMETER_RESULTS_RECORD_H_
#define INFEROMETER_RESULTS_RECORD_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "results/profile.h"

namespace inferometer {

enum class Status : std::uint8_t { kOk, kUnsupported, kSkipped, kFailed };

struct ModelRef {
  std::string name, quant;
  std::string sha256;       // of the tensor data; empty for rows without a model (ceilings)
  std::uint64_t bytes = 0;  // of all tensors
};

// Where a row stands below the roof that binds it (definition roofline_v1).
struct Roofline {
  std::string bound;    // "memory" or "compute"
  std::string roof;     // which ceiling: "read_bandwidth", "int8_peak" ...
  double bytes = 0;     // moved for one unit of work of the metric (a token, a prompt)
  double flops = 0;     // computed for it
  double fraction = 0;  // attained / roof
};

// Held against the reference in the same run.
struct Conformance {
  bool pass = false;
  double nmse = 0;
  double limit = 0;      // what nmse may be
  int greedy_match = 0;  // tokens of the greedy continuation that equal the reference's ...
  int greedy_total = 0;  // ... out of so many
};

// One metric of one workload on one device. Anything but kOk has a reason and no numbers.
struct Record {
  std::string workload;  // "decode"
  std::optional<ModelRef> model;
  std::string backend, device;  // what executed: "cpu", "cpu:avx2"
  std::string requested;        // what was asked for
  bool software = false;
  int threads = 0;
  nlohmann::json params = nlohmann::json::object();  // {"depth": 2048, "tokens": 128, "kv": "f16"}
  std::string metric;  // a key of results/metrics.h, which gives definition, unit and better
  Status status = Status::kOk;
  std::string reason;

  std::vector<double> samples;  // one per repetition, in the metric's unit, cold one apart
  std::optional<double> cold;   // the first repetition
  std::vector<std::vector<double>> token_times_s;  // of each repetition, where tokens are timed
  double median = 0;
  std::optional<std::pair<double, double>> ci95;  // of the median; absent below 6 samples
  bool converged = false;
  std::string shape;  // "flat", "warmup", "slowdown", "none"
  std::optional<int> warmup_repetitions = 0;
  std::string warmup_stop;  // why warming up ended: "steady" or "limit"
  std::vector<std::size_t>
      outliers;  // indices of samples flagged (modified z > 3.5), never dropped
  std::optional<Roofline> roofline;
  std::optional<Conformance> conformance;
  // Why values are absent, by key, where it is for another reason than usual.
  std::map<std::string, std::string> absent;
};

// A measured roof, taken near in time to the rows that are held against it.
struct Ceiling {
  std::string metric;  // "read_bandwidth", "fp32_peak", "int8_peak", "barrier_latency" ...
  std::string backend, device;
  bool software = false;  // whether the device is emulated on the processor
  int threads = 0;
  double at_s = 0;  // when, seconds since the start of the run
  std::vector<double> samples;
  double value = 0;  // the best sample for bandwidths and peaks, the median for latencies
  nlohmann::json params = nlohmann::json::object();
};

// A doubt about a result, with what to do about it.
struct Warning {
  std::string id;  // "on_battery", "background_load" ...: stable, listed in results/README.md
  std::string message, remedy;
};

struct Result {
  nlohmann::json tool;    // version, commit, dirty, compiler, flags, sha256
  nlohmann::json run;     // id, started_at, preset, seed, duration_s, order, complete
  nlohmann::json device;  // what the probes read
  std::vector<Ceiling> ceilings;
  std::vector<Record> records;
  std::vector<Warning> warnings;
  std::vector<Profile> profiles;  // of `run --profile`
};

// The JSON of the schema results/schema/result-1.0.json, and back. FromJson throws
// Error(kInvalidInput) naming the key.
nlohmann::json ToJson(const Result& result);
Result FromJson(const nlohmann::json& json);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_RECORD_H_
