// Heads on their way to the cache, and attention over it.
#include <fmt/format.h>

#include <algorithm>

#include "backends/opencl/lower.h"

namespace inferometer::opencl {
namespace {

// Flags of heads.cl.
constexpr std::uint32_t kRotates = 1, kInterleaved = 2, kQNorm = 4, kKNorm = 8;

std::string CacheDefine(QuantId format) {
  return fmt::format("-DCACHE={}", static_cast<int>(format));
}

std::uint32_t RotationOf(const Rope& rope) {
  return kRotates | (rope.style == RopeStyle::kInterleaved ? kInterleaved : 0);
}

std::uint32_t ScalesAt(const Tensor& cache) {
  return U(static_cast<std::int64_t>(cache.cache.ScalesAt()));
}

}  // namespace

struct Lowering::Heads {
  TensorId q = kNoTensor;
  std::int64_t q_heads = 0, kv_heads = 0, head_dim = 0, rope_dim = 0;
  std::uint32_t flags = 0;
  TensorId frequencies = kNoTensor;
  const KvAppend* append = nullptr;
  gpu::NormOnTheWay q_norm = {}, k_norm = {};
};

void Lowering::AddHeads(const Heads& what) {
  const QuantId format = what.append == nullptr ? QuantId::kF16 : what.append->format;
  Dispatch& dispatch = New("heads", CacheDefine(format), "heads", Items(1, 32));
  const KvAppend none;
  const KvAppend& append = what.append == nullptr ? none : *what.append;
  std::uint32_t padded = 0, k_scales_at = 0, v_scales_at = 0;
  if (what.append != nullptr) {
    const Tensor& keys = tensors_.At(append.k_cache);
    padded = U(keys.cache.padded_positions());
    k_scales_at = ScalesAt(keys);
    v_scales_at = ScalesAt(tensors_.At(append.v_cache));
  }
  const std::uint32_t table_at =
      what.frequencies == kNoTensor ? 0 : buffers_.tables_at.at(what.frequencies);
  const std::uint32_t flags = what.flags | (what.q_norm.weight != kNoTensor ? kQNorm : 0) |
                              (what.k_norm.weight != kNoTensor ? kKNorm : 0);
  dispatch.args.insert(
      dispatch.args.end(),
      {At(what.q), At(append.k), At(append.v), At(append.k_cache), At(append.v_cache),
       At(what.q_norm.weight), At(what.k_norm.weight), U(what.q_heads),
       U(std::max<std::int64_t>(what.kv_heads, 1)), U(what.head_dim), U(what.rope_dim), flags,
       table_at, padded, k_scales_at, v_scales_at, what.q_norm.eps, what.k_norm.eps});
  const std::int64_t heads = what.q_heads + 2 * what.kv_heads;
  dispatch.groups = [heads](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(heads, 1), CeilDiv(counts.tokens, 1), 1};
  };
}

void Lowering::Add(const gpu::RopeAppendPass& pass) {
  AddHeads({.q = pass.q.io,
            .q_heads = pass.q.heads,
            .kv_heads = pass.append.kv_heads,
            .head_dim = pass.append.head_dim,
            .rope_dim = pass.q.rope_dim,
            .flags = RotationOf(pass.q),
            .frequencies = pass.q.frequencies,
            .append = &pass.append,
            .q_norm = pass.q_norm,
            .k_norm = pass.k_norm});
}

void Lowering::Add(const Rope& op) {
  AddHeads({.q = op.io,
            .q_heads = op.heads,
            .head_dim = op.head_dim,
            .rope_dim = op.rope_dim,
            .flags = RotationOf(op),
            .frequencies = op.frequencies});
}

void Lowering::Add(const KvAppend& op) {
  AddHeads({.kv_heads = op.kv_heads, .head_dim = op.head_dim, .append = &op});
}

void Lowering::Add(const Attention& op) {
  const Tensor& keys = tensors_.At(op.k_cache);
  const std::int64_t rows_each = can_.wide ? 16 : 8;
  Dispatch& dispatch =
      New("attention", fmt::format("{} -DROWS={}", CacheDefine(op.format), rows_each), "attention",
          Items(1, 64));
  dispatch.args.insert(
      dispatch.args.end(),
      {At(op.q), At(op.k_cache), At(op.v_cache), At(op.out), buffers_.attention_parts, U(op.heads),
       U(op.kv_heads), U(op.head_dim), U(keys.cache.padded_positions()), ScalesAt(keys),
       ScalesAt(tensors_.At(op.v_cache)), U(buffers_.step_layout.TilesAt()), op.scale});
  const std::int64_t each = op.heads / op.kv_heads, kv_heads = op.kv_heads;
  dispatch.groups = [=](const gpu::StepCounts& counts) {
    const std::int64_t rows = std::min(counts.tokens, kTileTokens) * each;
    return Groups{CeilDiv(rows, rows_each) * CeilDiv(kv_heads, 1), CeilDiv(counts.tiles, 1),
                  CeilDiv(counts.splits, 1)};
  };
  if (rows_.tokens > kSplitTokens) return;
  Dispatch& sum = New("attention", fmt::format("{} -DROWS={}", CacheDefine(op.format), rows_each),
                      "attention_sum", dispatches_.back().items);
  sum.args.insert(sum.args.end(),
                  {buffers_.attention_parts, At(op.out), U(op.heads), U(op.head_dim)});
  sum.groups = [heads = op.heads](const gpu::StepCounts& counts) {
    const bool split = counts.splits > 1;
    return Groups{split ? CeilDiv(heads, 1) : 0, CeilDiv(counts.tokens, 1), 1};
  };
}

std::uint64_t AttentionPartFloats(const Attention& op, std::int64_t tokens,
                                  std::int64_t positions) {
  const std::int64_t splits = (positions + kSplitPositions - 1) / kSplitPositions;
  if (splits <= 1) return 0;
  return static_cast<std::uint64_t>(splits * std::min(tokens, kSplitTokens) * op.heads *
                                    (op.head_dim + 2));
}

}  // namespace inferometer::opencl
