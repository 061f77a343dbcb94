// From passes to dispatches: which shader with which constants, buffers and sizes.
#ifndef INFEROMETER_BACKENDS_VULKAN_LOWER_H_
#define INFEROMETER_BACKENDS_VULKAN_LOWER_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "backends/check.h"
#include "backends/gpu/passes.h"
#include "backends/gpu/step_buffer.h"
#include "backends/vulkan/pipelines.h"
#include "backends/vulkan/tensors.h"

namespace inferometer::vulkan {

struct Range {
  VkBuffer buffer = VK_NULL_HANDLE;
  std::uint64_t offset = 0, bytes = 0;
};

// A range read as texels, four 32-bit values each or one.
struct Texels {
  Range range;
  VkFormat format = VK_FORMAT_R32_UINT;
};

using Groups = std::array<std::uint32_t, 3>;

struct Dispatch {
  PipelineKey pipeline;
  std::vector<Range> bindings;  // by binding; those left out by the shader may be empty
  std::vector<Texels> texels;   // of the bindings behind them; the same
  std::array<std::byte, kPushBytes> push{};
  std::function<Groups(const gpu::StepCounts&)> groups;
  std::vector<gpu::Touch> touches;
  Range copy_from, copy_to;           // a copy instead of a shader, where there is a buffer
  std::size_t first_op = 0, ops = 0;  // of the plan
};

// How many rows a recording is for: it serves steps of up to `most` tokens and outputs each.
struct RowClass {
  std::int64_t tokens = 1, outputs = 1;
};
// The classes of numbers of rows, each the most that it serves; the last serves any number.
inline constexpr std::int64_t kRowClasses[] = {1, 8};
inline constexpr std::int64_t kManyRows = StepLimits::kNone;
// What costs more in every workgroup pays where there are few of them, and each variant has to be
// compiled.
inline gpu::PassOptions OptionsFor(RowClass rows) {
  const bool one = rows.tokens == kRowClasses[0];
  return {.norms_on_the_way = one, .gated_matmuls = one};
}
// Tokens of a tile of attention.
inline constexpr std::int64_t kTileTokens = 16;
// Positions that a split of attention covers.
inline constexpr std::int64_t kSplitPositions = 256;

// Buffers of a plan that are no tensors.
struct PlanBuffers {
  gpu::StepBuffer step_layout{1, 1, kTileTokens};
  Range step;
  std::map<TensorId, Range> rope_tables;  // by frequencies: cosine and sine of each (token, pair)
  Range attention_parts, argmax_parts, quantized, sink;
};

class Lowering {
 public:
  Lowering(const Capabilities& can, const Tensors& tensors, const PlanBuffers& buffers,
           RowClass rows)
      : can_(can), tensors_(tensors), buffers_(buffers), rows_(rows) {}

  std::vector<Dispatch> Lower(std::span<const gpu::Pass> passes);

 private:
  struct Matrix;
  struct Matrices;
  struct Kernel;

  // lower_matmul.cc
  // How many passes from the first on can be one dispatch: matrices that meet the same columns.
  std::size_t Stackable(std::span<const gpu::Pass> passes) const;
  void AddMatMuls(std::span<const gpu::MatMulPass> passes);
  void Add(const gpu::MatMulPass& pass) { AddMatMuls({&pass, 1}); }
  void Add(const MatMul& op) { Add(gpu::MatMulPass{op, {}}); }
  Range PartOf(TensorId weight, std::size_t part) const;
  // Columns in int8, once for all matrices that meet them.
  void Quantize(const Matrices& what);
  void Add(const gpu::GatedMatMulPass& pass);
  void Add(const gpu::GatedExpertsPass& pass);
  void Add(const ExpertMatMul& op);
  void Add(const Embed& op);
  // lower_attention.cc
  void Add(const gpu::RopeAppendPass& pass);
  void Add(const Rope& op);
  void Add(const KvAppend& op);
  void Add(const Attention& op);
  // lower.cc
  void Add(const Op& op);
  void Add(const RmsNorm& op);
  void Add(const GatedMul& op);
  void Add(const SelectOutputs& op);
  void Add(const TopExperts& op);
  void Add(const ExpertSum& op);
  void Add(const ArgMax& op);
  // lower_probes.cc
  void Add(const MemoryProbe& op);
  void Add(const LatencyProbe& op);
  void Add(const ComputeProbe& op);
  void Add(const ClockProbe& op);
  void Add(const SubgroupProbe& op);
  void Add(const LaunchProbe& op);

  void AddMatrices(const Matrices& what);
  Kernel KernelFor(const Matrices& what) const;

  // A new dispatch of `shader` with these constants behind the size of its workgroups; it has
  // `bindings` empty ones but for the step, and the touches of the pass at hand.
  Dispatch& New(std::string shader, std::uint32_t threads, std::vector<std::uint32_t> constants,
                int bindings);
  template <typename Push>
  static void SetPush(Dispatch& dispatch, const Push& push) {
    static_assert(sizeof(Push) <= kPushBytes);
    std::memcpy(dispatch.push.data(), &push, sizeof(push));
  }
  Range At(TensorId id) const;  // the whole of a tensor of one part; empty for kNoTensor
  // "matvec.q4_k" and the way in which this device sums.
  std::string Reduced(const std::string& name) const {
    return name + (can_.subgroup ? ".subgroup" : ".shared");
  }
  // Which word of the step counts the rows.
  static std::uint32_t CountWord(Rows rows) { return rows == Rows::kTokens ? 0 : 1; }
  static std::int64_t CountOf(const gpu::StepCounts& counts, Rows rows) {
    return rows == Rows::kTokens ? counts.tokens : counts.outputs;
  }

  const Capabilities& can_;
  const Tensors& tensors_;
  const PlanBuffers& buffers_;
  const RowClass rows_;
  const gpu::Pass* pass_ = nullptr;
  // What stands in buffers_.quantized.
  struct Quantized {
    TensorId in = kNoTensor, norm = kNoTensor;
    float eps = 0;
    bool operator==(const Quantized&) const = default;
  } quantized_;
  std::vector<Dispatch> dispatches_;
};

// The floats of partial results that an attention needs for a step of `tokens`; 0 where it is never
// split.
std::uint64_t AttentionPartBytes(const Attention& op, std::int64_t tokens, std::int64_t positions);

// The bytes that an op's columns need in int8, in steps of up to `tokens` and `outputs`, on a
// device that multiplies them so; 0 where it does not.
std::uint64_t QuantizedBytes(const Capabilities& can, const Op& op, std::int64_t tokens,
                             std::int64_t outputs);

// A scratch buffer as a resource of hazards.
enum class Scratch : std::uint64_t { kAttention, kArgMax, kQuantized, kSink };
inline std::uint64_t ResourceOf(Scratch scratch) {
  return gpu::kScratch + static_cast<std::uint64_t>(scratch);
}

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_LOWER_H_
