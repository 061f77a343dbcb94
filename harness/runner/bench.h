// A device with a model on it: its sessions, and whether they compute what the reference does.
#ifndef INFEROMETER_HARNESS_RUNNER_BENCH_H_
#define INFEROMETER_HARNESS_RUNNER_BENCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/runner/conformance.h"
#include "harness/runner/devices.h"
#include "harness/runner/session.h"
#include "harness/workloads/prompt_cache.h"
#include "results/record.h"

namespace inferometer {

// A session, or why there is none.
struct Stand {
  std::unique_ptr<Session> session;
  PromptCache cache;
  std::optional<Conformance> conformance;
  std::string failure, unsupported;  // not empty: nothing can be measured on it, and why
};

struct Bench {
  ChosenDevice* chosen = nullptr;
  std::vector<Stand> stands;  // by session of the SessionPlan
};

// Makes the sessions, all with the same weights. What fails is kept as the reason.
Bench OpenBench(ChosenDevice& chosen, const Model& model, std::span<const PlanLimits> sessions);

// Holds each session against the reference. A session whose logits are wrong has a failure then.
void CheckConformance(Bench& bench, ModelOracle& oracle, std::span<const std::int32_t> prompt,
                      int greedy_total);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_BENCH_H_
