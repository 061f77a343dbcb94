// Scores and sums of values over a cache in q8_0, read as it is stored.
//
// Keys are a packed q8_0 matrix whose rows are positions, so scores are a matmul of int8 codes with
// the query rows, coded as a matmul's activations are. Values are turned into floats, and the
// softmax weights carry their scales, one for each block of 32 values: the sums lose nothing.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_Q8_0_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_Q8_0_INL_H_

#include "backends/cpu/kernels/attention-inl.h"
#include "backends/cpu/kernels/matmul-inl.h"

namespace inferometer::cpu {

struct CacheQ8_0 {
  static constexpr int kValueBytes = 1;
  static constexpr bool kOwnWeights = true;
  template <class V>
  static inline typename V::Floats LoadValues(const std::uint8_t* p) {
    return V::LoadI8(p);
  }

  template <class V>
  static inline void Score(const AttentionArgs& a, std::int64_t begin, std::int64_t blocks,
                           float* scores) {
    constexpr int kR = V::kRows;
    constexpr int kBlock = HeaderBytes<CodesQ8_0>(kR) + CodeBytes(CodesQ8_0::kBits, kR);
    const std::int64_t group_bytes = a.head_dim / 32 * kBlock;
    MatMulArgs m;
    m.weights = a.keys + begin / kR * group_bytes;
    m.group_bytes = group_bytes;
    m.group_end = blocks * kKeyBlock / kR;
    m.in = a.coded;
    m.column_end = a.rows;
    m.out = scores;
    m.out_stride = m.out_width = kChunk;
    MatMulKernel<V, QuantTile, CodesQ8_0>(m);
  }

  // to[q][p] = weights[q][p] * the scale of values[p][32 * block ...].
  template <class V, int Q>
  static inline void ScaleWeights(const ValueRows& values, std::int64_t block, const float* weights,
                                  float* to) {
    const std::uint8_t* scales = values.first + block * 2 * kKeyBlock;
    for (std::int64_t p = 0; p < values.positions; p += kKeyBlock, scales += values.block_bytes) {
      for (int v = 0; v < kKeyBlock; v += V::kRows) {
        const auto scale = V::LoadHalf(scales + 2 * v);
        for (int q = 0; q < Q; ++q) {
          const std::int64_t at = q * kChunk + p + v;
          V::StoreFloats(to + at, V::Mul(V::LoadFloats(weights + at), scale));
        }
      }
    }
  }

  template <class V, int Q, int W>
  static inline void MixFrom(std::int64_t d, const ValueRows& values, const float* weights,
                             const float* factors, float* outs, std::int64_t head_dim) {
    constexpr int kBlocks = W * V::kRows > 32 ? W * V::kRows / 32 : 1;
    float scaled[kBlocks * Q * kChunk];
    for (; d + W * V::kRows <= head_dim; d += W * V::kRows) {
      if (d % 32 == 0) {
        for (int b = 0; b < kBlocks; ++b) {
          ScaleWeights<V, Q>(values, d / 32 + b, weights, scaled + b * Q * kChunk);
        }
      }
      ValueRows part = values;
      part.first += kKeyBlock * head_dim / 16 + d;  // codes stand behind the scales
      MixTile<V, CacheQ8_0, Q, W>(part, scaled, factors, outs + d, head_dim);
    }
    if constexpr (W * V::kRows > 32) {
      MixFrom<V, Q, W / 2>(d, values, weights, factors, outs, head_dim);
    }
  }

  template <class V, int Q>
  static inline void Mix(const AttentionArgs& a, std::int64_t begin, std::int64_t positions,
                         const float* weights, const float* factors, float* outs) {
    const std::int64_t block_bytes = kKeyBlock * a.head_dim / 32 * 34;
    const ValueRows values{.first = a.values + begin / kKeyBlock * block_bytes,
                           .block_bytes = block_bytes,
                           .row_bytes = a.head_dim,
                           .positions = positions};
    MixFrom<V, Q, MixVectors<V, Q>()>(0, values, weights, factors, outs, a.head_dim);
  }
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_Q8_0_INL_H_
