// A model as a plan: its tensors and the ops of one forward pass over them.
#ifndef INFEROMETER_MODELS_PLAN_H_
#define INFEROMETER_MODELS_PLAN_H_

#include <cstdint>
#include <vector>

#include "models/model.h"
#include "models/op.h"

namespace inferometer {

struct PlanLimits {
  std::int64_t positions = 0;    // capacity of the KV cache, per sequence
  std::int64_t step_tokens = 0;  // most tokens in one step
  std::int64_t outputs = 1;      // most output tokens in one step
  std::int64_t sequences = 1;
  QuantId kv_format = QuantId::kF16;
};

struct ModelPlan {
  PlanLimits limits;
  // TensorIds in `ops` index this list. The first model.tensors.size() entries are the model's
  // weights in order; rope frequencies, caches and activations follow.
  std::vector<TensorDesc> tensors;
  std::vector<Op> ops;
  std::vector<float> rope_frequencies;  // content of the tensor `frequencies`
  TensorId frequencies = kNoTensor;
  TensorId logits = kNoTensor;   // f32 {vocab, outputs}
  TensorId greedy = kNoTensor;   // int32 {1, outputs}
  std::vector<TensorId> caches;  // key and value cache of each layer, in turn
};

// Builds the plan. Throws Error(kInvalidInput) naming the tensor when one that the family needs is
// missing or has other dimensions than the shape says.
ModelPlan BuildPlan(const Model& model, const PlanLimits& limits);

// Bytes that a device needs for the plan, apart from the weights: caches and activations.
std::uint64_t WorkingBytes(const ModelPlan& plan);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_PLAN_H_
