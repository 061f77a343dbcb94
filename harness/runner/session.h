// A model made ready on a device: the one way the harness runs tokens.
#ifndef INFEROMETER_HARNESS_RUNNER_SESSION_H_
#define INFEROMETER_HARNESS_RUNNER_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backends/device.h"
#include "models/cost.h"
#include "models/plan.h"

namespace inferometer {

// The weights of a model on a device, freed with the last session that uses them.
class Weights {
 public:
  explicit Weights(Device& device) : device_(device) {}
  ~Weights();
  Weights(const Weights&) = delete;
  Weights& operator=(const Weights&) = delete;
  std::vector<TensorId> ids;  // in the order of Model::tensors

 private:
  Device& device_;
};

class Session {
 public:
  // Uploads the weights and prepares the plan. Both must outlive the session. Throws Error, naming
  // the op, when the device does not support one. With `like`, a session of the same model on the
  // same device, the weights are that one's, so that only caches and activations are new.
  Session(Device& device, const Model& model, const PlanLimits& limits,
          const Session* like = nullptr);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs `ids` at positions from `position` on, in steps of at most limits().step_tokens; the last
  // token is the output. Returns the time of all steps.
  Timing Prefill(std::span<const std::int32_t> ids, std::int32_t position,
                 std::int32_t sequence = 0);
  // Runs one step as it is.
  Timing Run(std::span<const TokenAt> tokens);
  // Runs one step in parts, each with a time of its own (Plan::Profile).
  StepProfile Profile(std::span<const TokenAt> tokens);
  // Of a step of one token; none where the device does not count them.
  std::optional<std::int64_t> Dispatches() const;
  // After a step: the greedy choice, and the logits (vocab values), of its i-th output token.
  std::int32_t Greedy(std::size_t output = 0);
  std::vector<float> Logits(std::size_t output = 0);

  const PlanLimits& limits() const { return plan_.limits; }
  const ModelPlan& plan() const { return plan_; }
  Device& device() { return device_; }
  // The cost of a step, from the model's plan.
  Cost CostOfStep(std::span<const TokenAt> tokens) const;
  // The cost of Prefill(n ids, position).
  Cost CostOfPrefill(std::int64_t n, std::int64_t position) const;
  TensorId Bound(TensorId plan_id) const;  // the device's id of a plan's tensor

 private:
  void FreeOwn();

  Device& device_;
  ModelPlan plan_;
  std::shared_ptr<Weights> weights_;
  std::vector<TensorId> bound_;  // by the plan's ids; the weights first
  std::unique_ptr<Plan> ready_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_SESSION_H_
