// What each op computes, in plain scalar fp32: the oracle that every other device is held against.
//
// Operands and sizes have been checked (check.h) and the step too; the functions only compute.
#ifndef INFEROMETER_BACKENDS_REFERENCE_OPS_H_
#define INFEROMETER_BACKENDS_REFERENCE_OPS_H_

#include <cstdint>
#include <span>

#include "backends/reference/tensors.h"
#include "models/op.h"
#include "models/step.h"

namespace inferometer::reference {

// What an op works on in one step.
struct Scope {
  Tensors& tensors;
  std::span<const TokenAt> tokens;
  std::span<const std::int64_t> outputs;  // which of `tokens` are marked output, in order

  std::int64_t Count(Rows rows) const {
    return static_cast<std::int64_t>(rows == Rows::kTokens ? tokens.size() : outputs.size());
  }
  // Row `row` of an activation whose rows hold `width` values.
  float* Row(TensorId id, std::int64_t row, std::int64_t width) const {
    return tensors.Floats(id).data() + row * width;
  }
  std::int32_t* IndexRow(TensorId id, std::int64_t row, std::int64_t width) const {
    return tensors.Indices(id).data() + row * width;
  }
};

// rows.cc: whole rows moved or chosen.
void Compute(const Embed& op, const Scope& scope);
void Compute(const SelectOutputs& op, const Scope& scope);
void Compute(const ArgMax& op, const Scope& scope);
// elementwise.cc
void Compute(const RmsNorm& op, const Scope& scope);
void Compute(const Rope& op, const Scope& scope);
void Compute(const GatedMul& op, const Scope& scope);
// matmul.cc
void Compute(const MatMul& op, const Scope& scope);
// attention.cc
void Compute(const KvAppend& op, const Scope& scope);
void Compute(const Attention& op, const Scope& scope);
// experts.cc. ExpertMatMul throws Error when `ids` holds an expert that does not exist.
void Compute(const TopExperts& op, const Scope& scope);
void Compute(const ExpertMatMul& op, const Scope& scope);
void Compute(const ExpertSum& op, const Scope& scope);
// Synthetic loads: refused by WhyNot, so never reached.
inline void Compute(const MemoryProbe&, const Scope&) {}
inline void Compute(const LatencyProbe&, const Scope&) {}
inline void Compute(const ComputeProbe&, const Scope&) {}
inline void Compute(const ClockProbe&, const Scope&) {}
inline void Compute(const SubgroupProbe&, const Scope&) {}
inline void Compute(const LaunchProbe&, const Scope&) {}

}  // namespace inferometer::reference

#endif  // INFEROMETER_BACKENDS_REFERENCE_OPS_H_
