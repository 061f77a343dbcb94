// From passes to dispatches: which kernel with which definitions, arguments and sizes.
#ifndef INFEROMETER_BACKENDS_OPENCL_LOWER_H_
#define INFEROMETER_BACKENDS_OPENCL_LOWER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "backends/check.h"
#include "backends/gpu/passes.h"
#include "backends/gpu/step_buffer.h"
#include "backends/opencl/programs.h"
#include "backends/opencl/sizes.h"
#include "backends/opencl/tensors.h"

namespace inferometer::opencl {

using Arg = std::variant<cl_mem, std::uint32_t, float>;
using Groups = std::array<std::size_t, 3>;

struct Dispatch {
  ProgramKey program;
  std::string kernel;
  std::size_t items = 1;  // of a group
  std::vector<Arg> args;
  std::function<Groups(const gpu::StepCounts&)> groups;  // a zero: nothing to do
  int idle_arg = -1;  // the argument that, as 0, leaves nothing to do; -1: a step without tokens
  std::size_t repeat = 1;
  // Instead of a kernel: bytes from the first argument's buffer to the second's.
  std::uint64_t copied_bytes = 0;
  std::size_t first_op = 0, ops = 0;  // of the plan
};

// How many rows a list of dispatches is for: steps of up to so many tokens and outputs.
struct RowClass {
  std::int64_t tokens = 1, outputs = 1;
};
// The classes of numbers of rows, each the most that it serves; the last serves any number.
inline constexpr std::int64_t kRowClasses[] = {1, 4};
inline constexpr std::int64_t kManyRows = StepLimits::kNone;
inline constexpr std::int64_t kMostMatvecRows = kRowClasses[1];  // of a class but the last
// Tokens of a tile of attention; steps of so few that the context is split, and the positions that
// a split covers.
inline constexpr std::int64_t kTileTokens = 16, kSplitTokens = 4, kSplitPositions = 256;

// Buffers of a plan that are no tensors.
struct PlanBuffers {
  gpu::StepBuffer step_layout{1, 1, kTileTokens};
  cl_mem step = nullptr;                        // then the angles of rotation
  std::map<TensorId, std::uint32_t> tables_at;  // words, by frequencies: cosine, sine of each pair
  cl_mem packed = nullptr, attention_parts = nullptr, argmax_parts = nullptr, sink = nullptr;
  std::int64_t packed_blocks = 0;  // of 16 columns that `packed` has room for, for AddPack
  std::int64_t most_tokens = 1;    // of a step
};

class Lowering {
 public:
  Lowering(const Capabilities& can, const Sizes& sizes, const Tensors& tensors,
           const PlanBuffers& buffers, RowClass rows)
      : can_(can), sizes_(sizes), tensors_(tensors), buffers_(buffers), rows_(rows) {}

  std::vector<Dispatch> Lower(std::span<const gpu::Pass> passes);

 private:
  // lower_matmul.cc
  void Add(const gpu::MatMulPass& pass);
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
  void Add(const MatMul& op) { Add(gpu::MatMulPass{op, {}}); }
  // lower_probes.cc
  void Add(const MemoryProbe& op);
  void Add(const LatencyProbe& op);
  void Add(const ComputeProbe& op);
  void Add(const ClockProbe&) {}
  void Add(const SubgroupProbe& op);
  void Add(const LaunchProbe& op);

  struct Matrices;
  static Matrices MatricesOf(const MatMul& op);
  void AddMatvec(const Matrices& what);
  // Up to three matrices for the same input; of several, each in one part.
  void AddMatvecs(std::span<const Matrices> all);
  // How many of the passes from the first on are matrices that one dispatch can serve.
  std::size_t BesideEachOther(std::span<const gpu::Pass> passes) const;
  void AddBeside(std::span<const gpu::Pass> passes);
  // Whether the pass begins with packing by rows what `norm` makes, so that the norm may do so.
  bool PacksRowsOf(const RmsNorm& norm, const gpu::Pass& pass) const;
  void AddNormRows(const RmsNorm& op);
  void AddGemm(const Matrices& what);
  void AddPack(const Matrices& what);
  void AddPackRows(const Matrices& what, std::int64_t rows);
  struct Heads;
  void AddHeads(const Heads& what);

  // A new dispatch in groups of `items`, whose first argument is the step.
  Dispatch& New(std::string source, std::string defines, std::string kernel, std::size_t items);
  cl_mem At(TensorId id) const;  // the buffer of a tensor of one part; null for kNoTensor
  std::int64_t Most(Rows rows) const {
    return rows == Rows::kTokens ? rows_.tokens : rows_.outputs;
  }
  static std::uint32_t CountWord(Rows rows) { return rows == Rows::kTokens ? 0 : 1; }
  static std::int64_t CountOf(const gpu::StepCounts& counts, Rows rows) {
    return rows == Rows::kTokens ? counts.tokens : counts.outputs;
  }
  std::size_t Items(std::size_t wide, std::size_t group) const {
    return can_.wide ? wide : std::min<std::size_t>(group, can_.most_items);
  }

  const Capabilities& can_;
  const Sizes& sizes_;
  const Tensors& tensors_;
  const PlanBuffers& buffers_;
  const RowClass rows_;
  const gpu::Pass* pass_ = nullptr;
  std::size_t passes_ = 1;  // that a dispatch is for, from pass_ on
  // What `packed` holds: a tensor, whether it was packed for quantized weights, and of how many
  // rows at most, where it was packed by rows.
  struct Packed {
    TensorId in;
    bool quantized;
    std::int64_t rows;
    bool operator==(const Packed&) const = default;
  };
  std::optional<Packed> packed_;
  std::vector<Dispatch> dispatches_;
};

inline std::uint32_t U(std::int64_t value) { return static_cast<std::uint32_t>(value); }
inline std::size_t CeilDiv(std::int64_t value, std::int64_t by) {
  return static_cast<std::size_t>((value + by - 1) / by);
}

// Floats of partial results that an attention may need over a cache of `positions`.
std::uint64_t AttentionPartFloats(const Attention& op, std::int64_t tokens, std::int64_t positions);

// Floats that up to `rows` rows of activations take on their way to matvec.cl.
std::int64_t PackedRowsFloats(std::int64_t in_width, std::int64_t rows);
// Rows of activations that an op of experts has at most.
inline std::int64_t MostRowsOf(const ExpertMatMul& op, std::int64_t tokens) {
  return op.shared_input ? tokens : tokens * op.used;
}

// Slices that a row is cut into for its maximum.
inline constexpr std::int64_t kArgMaxSlices = 64;

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_LOWER_H_
