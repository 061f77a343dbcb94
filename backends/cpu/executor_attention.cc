// Attention: the keys and values of a step appended, then read by tiles of tokens, which are split
// over the context where they are few.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "backends/cpu/executor.h"

namespace inferometer::cpu {

void Executor::operator()(const KvAppend& op) {
  const Range mine = Share(tokens_ * op.kv_heads);
  alignas(2) std::uint8_t row[kMaxCacheRowBytes];
  for (std::int64_t unit = mine.begin; unit < mine.end; ++unit) {
    const TokenAt& token = step_.tokens[static_cast<std::size_t>(unit / op.kv_heads)];
    for (const auto& [id, in] : {std::pair{op.k_cache, op.k}, std::pair{op.v_cache, op.v}}) {
      const float* values = Floats(in) + unit * op.head_dim;
      if (op.format == QuantId::kQ8_0) {
        kernels_.to_q8_0(values, row, op.head_dim);
      } else {
        kernels_.to_half(values, reinterpret_cast<std::uint16_t*>(row), op.head_dim);
      }
      const Tensor& cache = At(id);
      cache.cache.Put(token.position, row, cache.Head(token.sequence, unit % op.kv_heads));
    }
  }
}

const float* Executor::QueryOf(const Attention& op, const AttentionUnit& unit,
                               std::int64_t row) const {
  const std::int64_t group = op.heads / op.kv_heads, token = unit.tile.first + row / group;
  return Floats(op.q) + (token * op.heads + unit.kv_head * group + row % group) * op.head_dim;
}

// By what queries are scaled: kernels take weights as powers of two.
constexpr float kLog2E = 1.44269504f;

// Queries as f16 caches meet them: rows of a tile of the kernel side by side.
void Executor::InterleaveQueries(const Attention& op, const AttentionUnit& unit, std::int64_t rows,
                                 float* to) const {
  const std::int64_t most = kernels_.query_tile;
  const float scale = op.scale * kLog2E;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* q = QueryOf(op, unit, row);
    const std::int64_t first = row / most * most, side = std::min(most, rows - first);
    float* place = to + first * op.head_dim + row - first;
    for (std::int64_t d = 0; d < op.head_dim; ++d) place[d * side] = q[d] * scale;
  }
}

// Queries as q8_0 caches meet them: int8 codes with scales, after each other in `to`.
Activations Executor::CodeQueries(const Attention& op, const AttentionUnit& unit, std::int64_t rows,
                                  float* to) const {
  const std::int64_t width = op.head_dim, blocks = width / 32;
  float* scaled = to;
  float* scales = scaled + width;
  float* sums32 = scales + rows * blocks;
  float* sums16 = sums32 + rows * blocks;
  auto* codes = reinterpret_cast<std::int8_t*>(sums16 + rows * blocks * 2);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* q = QueryOf(op, unit, row);
    for (std::int64_t d = 0; d < width; ++d) scaled[d] = q[d] * (op.scale * kLog2E);
    kernels_.quantize(scaled, width, codes + row * width, scales + row * blocks,
                      sums32 + row * blocks, sums16 + row * blocks * 2);
  }
  return {.codes = codes, .scales = scales, .sums32 = sums32, .sums16 = sums16, .in_width = width};
}

// Queries as tiles meet them, in room for as many floats as they are. One row at a time is scaled
// where results will be.
void Executor::TileQueries(const Attention& op, const AttentionUnit& unit, AttentionArgs& args,
                           float* to) const {
  auto* tiles = reinterpret_cast<std::uint16_t*>(to);
  auto* rests = tiles + kMaxTiledRows * op.head_dim;
  for (std::int64_t row = 0; row < args.rows; ++row) {
    const float* q = QueryOf(op, unit, row);
    for (std::int64_t d = 0; d < op.head_dim; ++d) args.outs[d] = q[d] * (op.scale * kLog2E);
    kernels_.to_tiles(args.outs, op.head_dim, row, tiles, rests);
  }
  args.query_tiles = tiles;
  args.query_rests = rests;
  args.room = plan_.tile_rooms_[static_cast<std::size_t>(worker_)].As<std::byte>();
}

void Executor::Attend(const Attention& op, const AttentionUnit& unit, float* state) {
  const std::int64_t rows = unit.tile.count * (op.heads / op.kv_heads);
  const TokenAt* tokens = step_.tokens.data() + unit.tile.first;
  std::int64_t limits[kMaxTiledRows];
  for (std::int64_t row = 0; row < rows; ++row) {
    limits[row] = tokens[row / (op.heads / op.kv_heads)].position + 1;
  }
  float* queries = plan_.rows_[static_cast<std::size_t>(worker_)].data();
  AttentionArgs args{.coded = {},
                     .limits = limits,
                     .rows = rows,
                     .keys = At(op.k_cache).Head(tokens->sequence, unit.kv_head),
                     .values = At(op.v_cache).Head(tokens->sequence, unit.kv_head),
                     .begin = unit.begin,
                     .end = unit.end,
                     .head_dim = op.head_dim,
                     .maxima = state,
                     .sums = state + rows,
                     .outs = state + 2 * rows};
  std::fill_n(args.maxima, rows, -3.0e38f);
  std::fill_n(args.sums, rows * (op.head_dim + 1), 0.0f);
  if (op.format == QuantId::kQ8_0) {
    args.coded = CodeQueries(op, unit, rows, queries);
    kernels_.attention_q8_0(args);
  } else if (rows >= kTileRows && AttendsTiles(kernels_, op.format, op.head_dim)) {
    TileQueries(op, unit, args, queries);
    kernels_.attention_tiles(args);
  } else {
    InterleaveQueries(op, unit, rows, queries);
    args.queries = queries;
    kernels_.attention_f16(args);
  }
}

void Executor::WriteHeads(const Attention& op, const AttentionUnit& unit, const float* state) {
  const std::int64_t group = op.heads / op.kv_heads, rows = unit.tile.count * group;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t token = unit.tile.first + row / group;
    float* out =
        Floats(op.out) + (token * op.heads + unit.kv_head * group + row % group) * op.head_dim;
    const float inverse = 1.0f / state[rows + row];
    const float* from = state + 2 * rows + row * op.head_dim;
    for (std::int64_t d = 0; d < op.head_dim; ++d) out[d] = from[d] * inverse;
  }
}

// Puts the states of all parts together in the first: with maxima m_i, sums s_i and outputs o_i
// relative to them, the whole is sum of 2^(m_i - m) o_i over sum of 2^(m_i - m) s_i (Dao et al.
// 2023, flash-decoding).
void Executor::JoinParts(std::int64_t rows, std::int64_t head_dim, std::int64_t parts,
                         float* states) {
  const std::int64_t size = rows * (head_dim + 2);
  for (std::int64_t row = 0; row < rows; ++row) {
    float maximum = states[row];
    for (std::int64_t i = 1; i < parts; ++i) maximum = std::max(maximum, states[i * size + row]);
    float sum = 0;
    float* out = states + 2 * rows + row * head_dim;
    for (std::int64_t i = 0; i < parts; ++i) {
      const float* state = states + i * size;
      const float factor = std::exp2(state[row] - maximum);
      sum += factor * state[rows + row];
      const float* from = state + 2 * rows + row * head_dim;
      for (std::int64_t d = 0; d < head_dim; ++d) {
        out[d] = i == 0 ? factor * from[d] : out[d] + factor * from[d];
      }
    }
    states[rows + row] = sum;
  }
}

void Executor::operator()(const Attention& op) {
  const AttentionUnits& units =
      *std::find_if(plan_.attention_.begin(), plan_.attention_.end(), [&](const AttentionUnits& u) {
        return u.Has(op.heads, op.kv_heads, QueryRows(kernels_, op.format, op.head_dim));
      });
  float* own = plan_.rows_[static_cast<std::size_t>(worker_)].data() +
               QueryRows(kernels_, op.format, op.head_dim) * op.head_dim;
  OnDemand(units.count(), [&](std::int64_t i) {
    const AttentionUnit unit = units.At(i);
    if (unit.parts == 1) {
      Attend(op, unit, own);
      WriteHeads(op, unit, own);
      return;
    }
    const std::int64_t rows = unit.tile.count * (op.heads / op.kv_heads);
    const std::int64_t size = rows * (op.head_dim + 2);
    float* states = plan_.parts_.state.data() + unit.first_state * plan_.parts_.state_floats;
    Attend(op, unit, states + unit.part * size);
    std::atomic<std::int64_t>& done = plan_.parts_.done[static_cast<std::size_t>(unit.whole)].next;
    if (done.fetch_add(1, std::memory_order_acq_rel) + 1 < unit.parts) return;
    done.store(0, std::memory_order_relaxed);
    JoinParts(rows, op.head_dim, unit.parts, states);
    WriteHeads(op, unit, states);
  });
}

}  // namespace inferometer::cpu
