// Attention: many tokens tile by tile, few tokens split over the context.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "backends/cpu/executor.h"

namespace inferometer::cpu {
namespace {

// The smallest part of the context worth a thread of its own; a multiple of the kernel's chunk.
constexpr std::int64_t kPartPositions = 128;

}  // namespace

void Executor::Attend(const Attention& op, TokenRange tile, std::int64_t kv_head,
                      std::int64_t begin, std::int64_t end, float* state) {
  const std::int64_t group = op.heads / op.kv_heads, rows = tile.count * group;
  const TokenAt& first = step_.tokens[static_cast<std::size_t>(tile.first)];
  float* scaled = plan_.rows_[static_cast<std::size_t>(worker_)].data();
  const float* queries[kMaxQueryRows];
  std::int64_t limits[kMaxQueryRows];
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t token = tile.first + row / group;
    const float* q =
        Floats(op.q) + (token * op.heads + kv_head * group + row % group) * op.head_dim;
    float* to = scaled + row * op.head_dim;
    for (std::int64_t d = 0; d < op.head_dim; ++d) to[d] = q[d] * op.scale;
    queries[row] = to;
    limits[row] = step_.tokens[static_cast<std::size_t>(token)].position + 1;
  }
  std::fill_n(state, rows, -3.0e38f);
  std::fill_n(state + rows, rows * (op.head_dim + 1), 0.0f);
  kernels_.attention({.queries = queries,
                      .limits = limits,
                      .rows = rows,
                      .keys = At(op.k_cache).Head(first.sequence, kv_head),
                      .values = At(op.v_cache).Head(first.sequence, kv_head),
                      .begin = begin,
                      .end = end,
                      .head_dim = op.head_dim,
                      .maxima = state,
                      .sums = state + rows,
                      .outs = state + 2 * rows});
}

void Executor::WriteHeads(const Attention& op, TokenRange tile, std::int64_t kv_head,
                          const float* state) {
  const std::int64_t group = op.heads / op.kv_heads, rows = tile.count * group;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t token = tile.first + row / group;
    float* out = Floats(op.out) + (token * op.heads + kv_head * group + row % group) * op.head_dim;
    const float inverse = 1.0f / state[rows + row];
    const float* from = state + 2 * rows + row * op.head_dim;
    for (std::int64_t d = 0; d < op.head_dim; ++d) out[d] = from[d] * inverse;
  }
}

// Units are (token, kv head, part). Whoever finishes the last part of a head puts them together:
// with maxima m_i, sums s_i and outputs o_i relative to them, the whole is
// sum of e^(m_i - m) o_i over sum of e^(m_i - m) s_i (Dao et al. 2023, flash-decoding).
void Executor::AttendInParts(const Attention& op, std::int64_t parts) {
  const std::int64_t group = op.heads / op.kv_heads, size = group * (op.head_dim + 2);
  OnDemand(tokens_ * op.kv_heads * parts, [&](std::int64_t unit) {
    const std::int64_t pair = unit / parts, part = unit % parts;
    const TokenRange tile{pair / op.kv_heads, 1};
    const std::int64_t kv_head = pair % op.kv_heads;
    const std::int64_t limit = step_.tokens[static_cast<std::size_t>(tile.first)].position + 1;
    const std::int64_t pieces = (limit + kPartPositions - 1) / kPartPositions;
    const std::int64_t begin = pieces * part / parts * kPartPositions;
    const std::int64_t end = std::min(limit, pieces * (part + 1) / parts * kPartPositions);
    float* states = plan_.parts_.state.data() + pair * parts * size;
    Attend(op, tile, kv_head, begin, end, states + part * size);
    std::atomic<std::int64_t>& done = plan_.parts_.done[static_cast<std::size_t>(pair)].next;
    if (done.fetch_add(1, std::memory_order_acq_rel) + 1 < parts) return;
    done.store(0, std::memory_order_relaxed);
    for (std::int64_t row = 0; row < group; ++row) {
      float maximum = states[row];
      for (std::int64_t i = 1; i < parts; ++i) maximum = std::max(maximum, states[i * size + row]);
      float sum = 0;
      float* out = states + 2 * group + row * op.head_dim;
      for (std::int64_t i = 0; i < parts; ++i) {
        const float* state = states + i * size;
        const float factor = std::exp(state[row] - maximum);
        sum += factor * state[group + row];
        const float* from = state + 2 * group + row * op.head_dim;
        for (std::int64_t d = 0; d < op.head_dim; ++d) {
          out[d] = i == 0 ? factor * from[d] : out[d] + factor * from[d];
        }
      }
      states[group + row] = sum;
    }
    WriteHeads(op, tile, kv_head, states);
  });
}

void Executor::operator()(const Attention& op) {
  const std::int64_t pairs = tokens_ * op.kv_heads, wanted = kUnitsPerThread * threads_;
  std::int32_t deepest = 0;
  for (const TokenAt& token : step_.tokens) deepest = std::max(deepest, token.position);
  const std::int64_t parts =
      std::min((wanted + pairs - 1) / pairs, (deepest + kPartPositions) / kPartPositions);
  if (pairs < wanted && parts > 1) return AttendInParts(op, parts);
  const auto tiles = static_cast<std::int64_t>(plan_.tiles_.size());
  OnDemand(tiles * op.kv_heads, [&](std::int64_t unit) {
    // The deepest tiles cost most: they go first.
    const TokenRange tile = plan_.tiles_[static_cast<std::size_t>(tiles - 1 - unit / op.kv_heads)];
    const std::int64_t kv_head = unit % op.kv_heads;
    const TokenAt& last = step_.tokens[static_cast<std::size_t>(tile.first + tile.count - 1)];
    float* state =
        plan_.rows_[static_cast<std::size_t>(worker_)].data() + kMaxQueryRows * op.head_dim;
    Attend(op, tile, kv_head, 0, last.position + 1, state);
    WriteHeads(op, tile, kv_head, state);
  });
}

}  // namespace inferometer::cpu
