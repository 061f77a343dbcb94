// Rotation, the KV cache and attention over it.
#include <fmt/format.h>

#include <algorithm>

#include "backends/vulkan/lower.h"
#include "backends/vulkan/shaders/interface.h"

namespace inferometer::vulkan {
namespace {

std::uint32_t U(std::int64_t value) { return static_cast<std::uint32_t>(value); }

std::uint32_t ScaleWord(const Tensor& cache) {
  return U(static_cast<std::int64_t>(cache.scales_at / 4));
}

// Of a workgroup of attention_lanes.comp.
constexpr std::int64_t kLanes = 8, kLaneQueries = 16;

}  // namespace

std::uint64_t AttentionPartBytes(const Attention& op, std::int64_t tokens, std::int64_t positions) {
  const std::int64_t splits = (positions + kSplitPositions - 1) / kSplitPositions;
  const std::int64_t few = std::min<std::int64_t>(tokens, kRowClasses[std::size(kRowClasses) - 1]);
  return static_cast<std::uint64_t>(4 * splits * few * op.heads * (op.head_dim + 2));
}

void Lowering::Add(const gpu::RopeAppendPass& pass) {
  const Rope& q = pass.q;
  const KvAppend& append = pass.append;
  const bool stores = append.kv_heads > 0, rotates = q.frequencies != kNoTensor;
  const std::string format(FormatOf(append.format).name);
  Dispatch& dispatch =
      New(Reduced(fmt::format("rope.{}", format)), can_.workgroup, {}, ROPE_BINDINGS);
  if (rotates) dispatch.bindings[ROPE_TABLE] = buffers_.rope_tables.at(q.frequencies);
  dispatch.bindings[ROPE_Q] = At(q.io);
  RopePush push{};
  push.q_heads = U(q.heads);
  push.head_dim = U(stores ? append.head_dim : q.head_dim);
  push.pairs = U(q.rope_dim / 2);
  if (stores) {
    const Tensor& cache = tensors_.At(append.k_cache);
    dispatch.bindings[ROPE_K] = At(append.k);
    dispatch.bindings[ROPE_V] = At(append.v);
    dispatch.bindings[ROPE_KEYS] = At(append.k_cache);
    dispatch.bindings[ROPE_VALUES] = At(append.v_cache);
    push.kv_heads = U(append.kv_heads);
    push.positions = U(cache.desc.dims[2]);
    push.scales_at = ScaleWord(cache);
  }
  dispatch.bindings[ROPE_QNORM] = At(pass.q_norm.weight);
  dispatch.bindings[ROPE_KNORM] = At(pass.k_norm.weight);
  push.flags = (rotates ? FLAG_ROTATE : 0u) | (q.style == RopeStyle::kHalves ? FLAG_HALVES : 0u) |
               (pass.q_norm.weight != kNoTensor ? FLAG_QNORM : 0u) |
               (pass.k_norm.weight != kNoTensor ? FLAG_KNORM : 0u);
  push.q_eps = pass.q_norm.eps;
  push.k_eps = pass.k_norm.eps;
  SetPush(dispatch, push);
  dispatch.groups = [heads = U(q.heads + 2 * append.kv_heads)](const gpu::StepCounts& counts) {
    return Groups{U(counts.tokens), heads, 1};
  };
}

void Lowering::Add(const Rope& op) {
  gpu::RopeAppendPass pass;
  pass.q = op;
  Add(pass);
}

void Lowering::Add(const KvAppend& op) {
  gpu::RopeAppendPass pass;
  pass.append = op;
  Add(pass);
}

void Lowering::Add(const Attention& op) {
  const Tensor& keys = tensors_.At(op.k_cache);
  const bool may_split = rows_.tokens != kManyRows;
  const std::int64_t group = op.heads / op.kv_heads;
  const std::int64_t rows = std::min(kTileTokens, rows_.tokens) * group;
  const std::int64_t each = can_.lanes ? std::min(rows, kLaneQueries) : ATTEND_ROWS;
  const std::int64_t blocks = (rows + each - 1) / each;
  AttendPush push{};
  push.heads = U(op.heads);
  push.kv_heads = U(op.kv_heads);
  push.head_dim = U(op.head_dim);
  push.positions = U(keys.desc.dims[2]);
  push.scales_at = ScaleWord(keys);
  push.tiles_at = U(buffers_.step_layout.TilesAt());
  push.row_blocks = U(blocks);
  push.may_split = may_split ? 1 : 0;
  push.scale = op.scale;

  const std::string format(FormatOf(op.format).name);
  Dispatch& attention = can_.lanes
                            ? New("attention_lanes." + format, U(kLanes),
                                  {U(each), U((op.head_dim + 31) / 32)}, ATTEND_BINDINGS)
                            : New("attention." + format, ATTEND_THREADS, {}, ATTEND_BINDINGS);
  attention.bindings[ATTEND_Q] = At(op.q);
  attention.bindings[ATTEND_KEYS] = At(op.k_cache);
  attention.bindings[ATTEND_VALUES] = At(op.v_cache);
  attention.bindings[ATTEND_OUT] = At(op.out);
  attention.bindings[ATTEND_PARTS] = buffers_.attention_parts;
  if (can_.lanes) attention.texels = {{At(op.k_cache)}, {At(op.v_cache)}};
  SetPush(attention, push);
  const std::uint64_t parts = ResourceOf(Scratch::kAttention);
  if (may_split) attention.touches.push_back({parts, Access::kWrite});
  attention.groups = [=, heads = U(op.kv_heads)](const gpu::StepCounts& counts) {
    return Groups{U(counts.tiles * (may_split ? counts.splits : 1)), heads, U(blocks)};
  };
  if (!may_split) return;

  Dispatch& sum = New("attention_sum", 64, {}, ATTEND_BINDINGS);
  sum.bindings[ATTEND_OUT] = At(op.out);
  sum.bindings[ATTEND_PARTS] = buffers_.attention_parts;
  SetPush(sum, push);
  sum.touches = {{static_cast<std::uint32_t>(op.out), Access::kWrite}, {parts, Access::kRead}};
  sum.groups = [heads = U(op.heads)](const gpu::StepCounts& counts) {
    return Groups{counts.splits > 1 ? U(counts.tokens) : 0, heads, 1};
  };
}

}  // namespace inferometer::vulkan
