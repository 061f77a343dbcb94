// A workload: what is run and timed on a session, one file each, listed in workloads.cc.
#ifndef INFEROMETER_HARNESS_WORKLOADS_WORKLOAD_H_
#define INFEROMETER_HARNESS_WORKLOADS_WORKLOAD_H_

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/session.h"

namespace inferometer {

// One point of a workload: "prefill at 512 tokens".
struct Case {
  std::string_view workload;
  nlohmann::json params;  // {"tokens": 512}
};

// One repetition's measurements: a value for each metric of the workload.
struct Measurement {
  std::string metric;                 // a key of results/metrics.h
  double value = 0;                   // in the metric's unit
  std::vector<double> token_times_s;  // of each token since t0, where tokens are timed
  Cost cost;          // of one unit of the metric's work: what the roof is computed from
  double cost_s = 0;  // the seconds that this cost took
};

struct Workload {
  std::string_view name, help;
  // The cases that a preset runs.
  std::vector<Case> (*cases)(std::string_view preset);
  // The positions of KV cache that a case needs.
  std::int64_t (*positions)(const Case& c);
  // One repetition. `prompt` holds at least positions() token ids drawn from the seed.
  std::vector<Measurement> (*run)(Session& session, const Case& c,
                                  std::span<const std::int32_t> prompt);
};

std::span<const Workload> Workloads();
const Workload* FindWorkload(std::string_view name);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_WORKLOAD_H_
