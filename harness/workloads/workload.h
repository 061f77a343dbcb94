// A workload: what is run and timed, one file each, listed in workloads.cc.
#ifndef INFEROMETER_HARNESS_WORKLOADS_WORKLOAD_H_
#define INFEROMETER_HARNESS_WORKLOADS_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/device.h"
#include "harness/workloads/prompt_cache.h"
#include "harness/workloads/work.h"
#include "models/model.h"
#include "models/plan.h"

namespace inferometer {

class Session;

// Tokens in one step of a timed prompt: llama.cpp's default n_ubatch, so rates compare.
inline constexpr std::int64_t kPromptStep = 512;

// One point of a workload: "prefill at 512 tokens".
struct Case {
  std::string_view workload;
  nlohmann::json params;  // {"tokens": 512}
};

// A row that a case yields: its metric, and the params that tell it from the case's other rows.
struct RowKey {
  std::string metric;  // a key of results/metrics.h
  nlohmann::json params = nlohmann::json::object();
};

// A session that cases share, and what stands in its sequence kPromptSequence.
struct SharedSession {
  Session* session = nullptr;
  PromptCache* cache = nullptr;
};

// What a repetition works on.
struct Subject {
  const Model* model = nullptr;
  std::span<const std::int32_t> prompt;  // at least limits().positions token ids, from the seed
  std::function<double()> now;           // s on a steady clock
  // One for each of the case's limits, in their order, with at least these; the other cases of the
  // run use them too. Empty for workloads with own_session.
  std::vector<SharedSession> sessions;
  Session& session() const { return *sessions.front().session; }
  PromptCache& cache() const { return *sessions.front().cache; }
  // Another instance of the same device, with nothing on it.
  std::function<std::unique_ptr<Device>()> open_device;
  // For workloads that last: whether to end early, and what to say of the rate once in a while.
  std::function<bool()> stop;
  std::function<void(double)> tell;
  std::string file;             // the model as a GGUF file; empty when there is none
  bool synthetic_file = false;  // it was written for this run
};

// One value that a repetition yields.
struct Measurement {
  std::string metric;  // with `params` the RowKey
  double value = 0;    // in the metric's unit
  Work work;           // of one unit of the metric's work; empty: no roof applies
  double work_s = 0;   // the seconds that this work took
  nlohmann::json params = nlohmann::json::object();
  // Of the tokens of this row, where they are not those of the whole repetition.
  std::vector<double> token_times_s = {};
  std::vector<double> samples = {};  // of a workload that lasts: the row's, `value` their median
  std::string absent = {};           // not empty: there is no value, and why
};

// A stretch of time that energy is counted over, on the clock of Subject::now, and the tokens in
// it.
struct Window {
  double begin_s = 0, end_s = 0;
  std::int64_t tokens = 0;
};

struct Repetition {
  std::vector<Measurement> measurements;
  std::optional<Window> window;       // empty: energy per token means nothing here
  std::vector<double> token_times_s;  // of each sampled token since t0, where tokens are timed
  // What must be the same in every repetition, such as hashes of token ids. Joins the row's params.
  nlohmann::json facts = nlohmann::json::object();
  std::string unsupported;  // not empty: the case cannot be measured on this machine, and why
};

struct Workload {
  std::string_view name, help;
  // The cases that a preset runs; those of "extended" hold all of them.
  std::vector<Case> (*cases)(std::string_view preset);
  // The rows that a case yields, the one that decides about steadiness first.
  std::vector<RowKey> (*rows)(const Case& c);
  // What a case needs of its sessions, the one that it is measured on first.
  std::vector<PlanLimits> (*limits)(const Case& c);
  // All that a repetition computes and moves, timed or not, once the cache is filled: what its
  // duration is estimated from.
  Work (*work)(const Case& c, const ModelPlan& plan);
  // The tokens of the prompt that it wants in the cache of each session; null: none.
  std::int64_t (*depth)(const Case& c) = nullptr;
  // The case with at most so many positions, where it can do with fewer; null: it cannot.
  Case (*clip)(const Case& c, std::int64_t positions) = nullptr;
  // Seconds that its only repetition lasts, whatever the device; it comes after all others, and its
  // samples from inside. Null: it is repeated.
  double (*lasts)(const Case& c) = nullptr;
  // One repetition.
  Repetition (*run)(const Subject& subject, const Case& c);
  bool own_session = false;  // makes its session itself, on a device from open_device
  bool needs_file = false;   // Subject::file must not be empty
};

std::span<const Workload> Workloads();
const Workload* FindWorkload(std::string_view name);  // null when unknown

// The measurement of that row; null when there is none.
const Measurement* FindMeasurement(const Repetition& repetition, const RowKey& key);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_WORKLOAD_H_
