// Scores and sums of values over a cache of halves.
//
// Keys are stored 16 positions side by side, so a score vector is a chain of multiply-adds over
// head_dim with the query broadcast, and nothing is summed across lanes:
//
//   keys of a block:  | d = 0: p0 p1 ... p15 | d = 1: p0 ... p15 | ...
//   scores p0..p15  = sum over d of query[d] * keys[d][p0..p15]
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_F16_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_F16_INL_H_

#include "backends/cpu/kernels/attention-inl.h"

namespace inferometer::cpu {

// scores[q][0..16 * B) for Q rows, queries as [head_dim][Q], over B key blocks.
template <class V, int Q, int B>
__attribute__((noinline)) void ScoreTile(const float* queries, const std::uint8_t* keys,
                                         std::int64_t head_dim, float* scores) {
  constexpr int kVectors = static_cast<int>(kKeyBlock) / V::kRows;
  // Values of d in one turn of the loop, where few sums leave its own instructions in the way.
  constexpr int kTurn = Q * B * kVectors < 8 ? 2 : 1;
  typename V::Floats sum[Q][B][kVectors];
  for (int q = 0; q < Q; ++q) {
    for (int b = 0; b < B; ++b) {
      for (int v = 0; v < kVectors; ++v) sum[q][b][v] = V::Set(0.0f);
    }
  }
  const std::int64_t block_bytes = 2 * head_dim * kKeyBlock;
  for (std::int64_t d = 0; d < head_dim; d += kTurn) {
    for (int turn = 0; turn < kTurn; ++turn) {
      typename V::Floats query[Q];
      for (int q = 0; q < Q; ++q) query[q] = V::Set(queries[turn * Q + q]);
      for (int b = 0; b < B; ++b) {
        for (int v = 0; v < kVectors; ++v) {
          const auto key =
              V::LoadHalf(keys + b * block_bytes + 2 * (turn * kKeyBlock + v * V::kRows));
          for (int q = 0; q < Q; ++q) sum[q][b][v] = V::MulAdd(query[q], key, sum[q][b][v]);
        }
      }
    }
    queries += kTurn * Q;
    keys += kTurn * 2 * kKeyBlock;
  }
  for (int q = 0; q < Q; ++q) {
    for (int b = 0; b < B; ++b) {
      for (int v = 0; v < kVectors; ++v) {
        V::StoreFloats(scores + q * kChunk + b * kKeyBlock + v * V::kRows, sum[q][b][v]);
      }
    }
  }
}

struct CacheF16 {
  static constexpr int kValueBytes = 2;
  static constexpr bool kOwnWeights = false;
  template <class V>
  static inline typename V::Floats LoadValues(const std::uint8_t* p) {
    return V::LoadHalf(p);
  }

  template <class V>
  static inline void Score(const AttentionArgs& a, std::int64_t begin, std::int64_t blocks,
                           float* scores) {
    const std::uint8_t* keys = a.keys + 2 * begin * a.head_dim;
    const std::int64_t block_bytes = 2 * a.head_dim * kKeyBlock;
    ForTiles<V::kQueryTile>(a.rows, [&]<int Q>(std::int64_t q) {
      // As many key blocks as the registers hold sums for, at most a chunk.
      constexpr int kVectors = Q * (static_cast<int>(kKeyBlock) / V::kRows);
      constexpr int kB = 4 * kVectors <= V::kSums ? 4 : 2 * kVectors <= V::kSums ? 2 : 1;
      const float* queries = a.queries + q * a.head_dim;
      float* to = scores + q * kChunk;
      std::int64_t b = 0;
      for (; b + kB <= blocks; b += kB) {
        ScoreTile<V, Q, kB>(queries, keys + b * block_bytes, a.head_dim, to + b * kKeyBlock);
      }
      for (; b < blocks; ++b) {
        ScoreTile<V, Q, 1>(queries, keys + b * block_bytes, a.head_dim, to + b * kKeyBlock);
      }
    });
  }

  template <class V, int Q, int W>
  static inline void MixFrom(std::int64_t d, const ValueRows& values, const float* weights,
                             const float* factors, float* outs, std::int64_t head_dim) {
    for (; d + W * V::kRows <= head_dim; d += W * V::kRows) {
      ValueRows part = values;
      part.first += 2 * d;
      MixTile<V, CacheF16, Q, W>(part, weights, factors, outs + d, head_dim);
    }
    if constexpr (W * V::kRows > kKeyBlock) {
      MixFrom<V, Q, W / 2>(d, values, weights, factors, outs, head_dim);
    }
  }

  template <class V, int Q>
  static inline void Mix(const AttentionArgs& a, std::int64_t begin, std::int64_t positions,
                         const float* weights, const float* factors, float* outs) {
    const ValueRows values{.first = a.values + 2 * begin * a.head_dim,
                           .block_bytes = 2 * kKeyBlock * a.head_dim,
                           .row_bytes = 2 * a.head_dim,
                           .positions = positions};
    MixFrom<V, Q, MixVectors<V, Q>()>(0, values, weights, factors, outs, a.head_dim);
  }
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_F16_INL_H_
