// Attention of a few query rows over a stretch of the cache, with online softmax (Milakov,
// Gimelshein 2018; Dao et al. 2022): keys and values are read once, scores live for one chunk.
//
// Keys are stored 16 positions side by side, so a score vector is a chain of multiply-adds over
// head_dim with the query broadcast, and nothing is summed across lanes:
//
//   keys of a block:  | d = 0: p0 p1 ... p15 | d = 1: p0 ... p15 | ...
//   scores p0..p15  = sum over d of query[d] * keys[d][p0..p15]
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_INL_H_

#include "backends/cpu/kernel_set.h"
#include "backends/cpu/kernels/elementwise-inl.h"

namespace inferometer::cpu {

// Positions handled between two rescalings of the output: large enough that loading and storing the
// outputs is a small part, small enough that the scores of 32 rows (8 KiB) stay in the first cache.
inline constexpr std::int64_t kChunk = 64;
inline constexpr float kMinusInfinity = -3.0e38f;

// scores[q][0..16 * B) for Q rows over B key blocks.
template <class V, int Q, int B>
inline void ScoreTile(const float* const* queries, const std::uint16_t* keys, std::int64_t head_dim,
                      float* scores) {
  constexpr int kVectors = static_cast<int>(kKeyBlock) / V::kRows;
  typename V::Floats sum[Q][B][kVectors];
  for (int q = 0; q < Q; ++q) {
    for (int b = 0; b < B; ++b) {
      for (int v = 0; v < kVectors; ++v) sum[q][b][v] = V::Set(0.0f);
    }
  }
  for (std::int64_t d = 0; d < head_dim; ++d) {
    typename V::Floats query[Q];
    for (int q = 0; q < Q; ++q) query[q] = V::Set(queries[q][d]);
    for (int b = 0; b < B; ++b) {
      const std::uint16_t* row = keys + (b * head_dim + d) * kKeyBlock;
      for (int v = 0; v < kVectors; ++v) {
        const auto key = V::LoadHalf(reinterpret_cast<const std::uint8_t*>(row + v * V::kRows));
        for (int q = 0; q < Q; ++q) sum[q][b][v] = V::MulAdd(query[q], key, sum[q][b][v]);
      }
    }
  }
  for (int q = 0; q < Q; ++q) {
    for (int b = 0; b < B; ++b) {
      for (int v = 0; v < kVectors; ++v) {
        V::StoreFloats(scores + q * kChunk + b * kKeyBlock + v * V::kRows, sum[q][b][v]);
      }
    }
  }
}

template <class V, int Q>
inline void ScoreRows(const float* const* queries, const std::uint16_t* keys, std::int64_t head_dim,
                      std::int64_t blocks, float* scores) {
  // As many sums in flight as hide the latency of a multiply-add.
  constexpr int kB = Q >= 4 ? 1 : (Q >= 2 ? 2 : 4);
  std::int64_t b = 0;
  for (; b + kB <= blocks; b += kB) {
    ScoreTile<V, Q, kB>(queries, keys + b * head_dim * kKeyBlock, head_dim, scores + b * kKeyBlock);
  }
  for (; b < blocks; ++b) {
    ScoreTile<V, Q, 1>(queries, keys + b * head_dim * kKeyBlock, head_dim, scores + b * kKeyBlock);
  }
}

// outs[q][d] = outs[q][d] * factor[q] + sum over p of weights[q][p] * values[p][d].
template <class V, int Q>
inline void MixRows(const float* weights, const float* factor, const std::uint16_t* values,
                    std::int64_t positions, std::int64_t head_dim, float* outs) {
  constexpr int kWide = static_cast<int>(kKeyBlock) / V::kRows;  // 16 values of head_dim at a time
  for (std::int64_t d = 0; d < head_dim; d += kKeyBlock) {
    typename V::Floats sum[Q][kWide];
    for (int q = 0; q < Q; ++q) {
      for (int v = 0; v < kWide; ++v) {
        sum[q][v] =
            V::Mul(V::LoadFloats(outs + q * head_dim + d + v * V::kRows), V::Set(factor[q]));
      }
    }
    for (std::int64_t p = 0; p < positions; ++p) {
      typename V::Floats value[kWide];
      for (int v = 0; v < kWide; ++v) {
        value[v] = V::LoadHalf(
            reinterpret_cast<const std::uint8_t*>(values + p * head_dim + d + v * V::kRows));
      }
      for (int q = 0; q < Q; ++q) {
        const auto weight = V::Set(weights[q * kChunk + p]);
        for (int v = 0; v < kWide; ++v) sum[q][v] = V::MulAdd(weight, value[v], sum[q][v]);
      }
    }
    for (int q = 0; q < Q; ++q) {
      for (int v = 0; v < kWide; ++v) {
        V::StoreFloats(outs + q * head_dim + d + v * V::kRows, sum[q][v]);
      }
    }
  }
}

// Turns a row of scores into weights relative to the new maximum; returns by what the sums so far
// shrink. Positions from `allowed` on get weight 0.
template <class V>
inline float SoftmaxRow(float* scores, std::int64_t allowed, std::int64_t padded, float* maximum,
                        float* sum) {
  for (std::int64_t p = allowed < 0 ? 0 : allowed; p < padded; ++p) scores[p] = kMinusInfinity;
  auto largest = V::Set(*maximum);
  for (std::int64_t p = 0; p < padded; p += V::kRows) {
    largest = V::Max(largest, V::LoadFloats(scores + p));
  }
  const float new_maximum = V::ReduceMax(largest);
  if (new_maximum <= kMinusInfinity) {  // nothing allowed yet
    for (std::int64_t p = 0; p < padded; ++p) scores[p] = 0;
    return 1.0f;
  }
  const auto shift = V::Set(new_maximum);
  auto total = V::Set(0.0f);
  for (std::int64_t p = 0; p < padded; p += V::kRows) {
    const auto weight = Exp<V>(V::Sub(V::LoadFloats(scores + p), shift));
    V::StoreFloats(scores + p, weight);
    total = V::Add(total, weight);
  }
  float lanes[V::kRows];
  V::StoreFloats(lanes, Exp<V>(V::Set(*maximum - new_maximum)));
  *sum = *sum * lanes[0] + V::ReduceAdd(total);
  *maximum = new_maximum;
  return lanes[0];
}

template <class V>
void AttentionKernel(const AttentionArgs& a) {
  float scores[kMaxQueryRows * kChunk];
  float factors[kMaxQueryRows];
  for (std::int64_t begin = a.begin; begin < a.end; begin += kChunk) {
    const std::int64_t positions = a.end - begin < kChunk ? a.end - begin : kChunk;
    const std::int64_t blocks = (positions + kKeyBlock - 1) / kKeyBlock;
    const std::uint16_t* keys = a.keys + begin * a.head_dim;
    std::int64_t q = 0;
    for (; q + 4 <= a.rows; q += 4) {
      ScoreRows<V, 4>(a.queries + q, keys, a.head_dim, blocks, scores + q * kChunk);
    }
    for (; q + 2 <= a.rows; q += 2) {
      ScoreRows<V, 2>(a.queries + q, keys, a.head_dim, blocks, scores + q * kChunk);
    }
    if (q < a.rows) ScoreRows<V, 1>(a.queries + q, keys, a.head_dim, blocks, scores + q * kChunk);
    for (q = 0; q < a.rows; ++q) {
      const std::int64_t allowed =
          a.limits[q] - begin < positions ? a.limits[q] - begin : positions;
      factors[q] =
          SoftmaxRow<V>(scores + q * kChunk, allowed, blocks * kKeyBlock, a.maxima + q, a.sums + q);
    }
    const std::uint16_t* values = a.values + begin * a.head_dim;
    q = 0;
    for (; q + 4 <= a.rows; q += 4) {
      MixRows<V, 4>(scores + q * kChunk, factors + q, values, positions, a.head_dim,
                    a.outs + q * a.head_dim);
    }
    for (; q < a.rows; ++q) {
      MixRows<V, 1>(scores + q * kChunk, factors + q, values, positions, a.head_dim,
                    a.outs + q * a.head_dim);
    }
  }
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_INL_H_
