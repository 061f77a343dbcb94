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

// One point of a workload: "prefill at 512 tokens".
struct Case {
  std::string_view workload;
  nlohmann::json params;  // {"tokens": 512}
};

// What a repetition works on.
struct Subject {
  const Model* model = nullptr;
  std::span<const std::int32_t> prompt;  // at least limits().positions token ids, from the seed
  std::function<double()> now;           // s on a steady clock
  // Made ready with the limits of all cases of the run together; null for workloads with
  // own_session.
  Session* session = nullptr;
  PromptCache* cache = nullptr;  // what stands in the session's sequence kPromptSequence
  // Another instance of the same device, with nothing on it.
  std::function<std::unique_ptr<Device>()> open_device;
  std::string file;             // the model as a GGUF file; empty when there is none
  bool synthetic_file = false;  // it was written for this run
};

// One value that a repetition yields.
struct Measurement {
  std::string metric;  // a key of results/metrics.h
  double value = 0;    // in the metric's unit
  Work work;           // of one unit of the metric's work; empty: no roof applies
  double work_s = 0;   // the seconds that this work took
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
  // The metrics that a case yields, the one that decides about steadiness first.
  std::vector<std::string_view> (*metrics)(const Case& c);
  // What a case needs of its session.
  PlanLimits (*limits)(const Case& c);
  // All that a repetition computes and moves, timed or not: what its duration is estimated from.
  Work (*work)(const Case& c, const ModelPlan& plan);
  // One repetition.
  Repetition (*run)(const Subject& subject, const Case& c);
  bool own_session = false;  // makes its session itself, on a device from open_device
  bool needs_file = false;   // Subject::file must not be empty
};

std::span<const Workload> Workloads();
const Workload* FindWorkload(std::string_view name);  // null when unknown

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_WORKLOAD_H_
