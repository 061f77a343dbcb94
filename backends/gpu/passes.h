// From a plan's ops to the passes that a GPU dispatches: ops put together where that removes a
// pass.
#ifndef INFEROMETER_BACKENDS_GPU_PASSES_H_
#define INFEROMETER_BACKENDS_GPU_PASSES_H_

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "backends/gpu/hazards.h"
#include "models/op.h"

namespace inferometer::gpu {

// An RmsNorm applied on the way to a matmul: weight · (x / rms(x) * norm) is the dot product with
// x * norm, divided by rms(x) at the end, so that whoever reads all of x knows both.
struct NormOnTheWay {
  TensorId weight = kNoTensor;  // kNoTensor: none
  float eps = 0;
};

// `op.in` is the norm's input where there is a norm.
struct MatMulPass {
  MatMul op;
  NormOnTheWay norm;
};

// out = silu(gate · in) * (up · in); both matrices alike in format and size, `up.out` and
// `gate.out` unused.
struct GatedMatMulPass {
  MatMul gate, up;
  NormOnTheWay norm;
  TensorId out = kNoTensor;
};

// The same with a stack of experts for each.
struct GatedExpertsPass {
  ExpertMatMul gate, up;
  TensorId out = kNoTensor;
};

// q and k rotated, each head normed before where there are weights for it; k and v stored. The
// rotated k goes to the cache alone.
struct RopeAppendPass {
  Rope q, k;
  KvAppend append;
  NormOnTheWay q_norm, k_norm;
};

using Work = std::variant<Op, MatMulPass, GatedMatMulPass, GatedExpertsPass, RopeAppendPass>;

struct Pass {
  Work work;
  std::vector<Touch> touches;         // the tensors it reads and writes
  std::size_t first_op = 0, ops = 1;  // of the plan: [first_op, first_op + ops); a norm on the way
                                      // belongs to the first pass that applies it
};

struct PassOptions {
  bool norms_on_the_way = true;  // into matmuls: for steps of a few tokens
  bool gated_matmuls = true;
  bool rope_append = true;
};

// A MatMul is always a MatMulPass. Which tensors hold what after a run is promised for those only
// that no later op of the plan reads and that no pass swallowed.
std::vector<Pass> MakePasses(std::span<const Op> ops, const PassOptions& options);

// How many passes from the first on, `most` at most, are matmuls without order among them that read
// the same columns in one format, so that one dispatch can serve them: at least 1, unless there is
// no pass. Biases and sums may differ; whether a device can is for its backend to say.
std::size_t AlikeMatMuls(std::span<const Pass> passes, std::size_t most);

// Calls f(TensorId, Access) for each tensor that a pass reads or writes.
template <typename F>
void ForEachTensor(const Pass& pass, F&& f) {
  for (const Touch& touch : pass.touches) {
    f(TensorId{static_cast<std::uint32_t>(touch.resource)}, touch.access);
  }
}

}  // namespace inferometer::gpu

#endif  // INFEROMETER_BACKENDS_GPU_PASSES_H_
