// Attention of a few query rows over a stretch of the cache, with online softmax (Milakov,
// Gimelshein 2018; Dao et al. 2022): keys and values are read once, scores live for one chunk.
//
// What depends on how a cache is stored, scores and sums of values, is in attention_f16-inl.h and
// attention_q8_0-inl.h.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_INL_H_

#include "backends/cpu/kernel_set.h"
#include "backends/cpu/kernels/elementwise-inl.h"

namespace inferometer::cpu {

// Positions handled between two rescalings of the output: large enough that loading and storing the
// outputs is a small part, small enough that the scores of 32 rows (8 KiB) stay in the first cache.
inline constexpr std::int64_t kChunk = 64;
inline constexpr float kMinusInfinity = -3.0e38f;

// Calls f.template operator()<Q>(row) for rows 0..rows in tiles of kMost, the last with what is
// left.
template <int kMost, int Q, class F>
inline void LastTile(std::int64_t row, std::int64_t rows, F& f) {
  if constexpr (Q > 0) {
    if (rows - row == Q) {
      f.template operator()<Q>(row);
    } else {
      LastTile<kMost, Q - 1>(row, rows, f);
    }
  }
}
template <int kMost, class F>
inline void ForTiles(std::int64_t rows, F f) {
  std::int64_t row = 0;
  for (; row + kMost <= rows; row += kMost) f.template operator()<kMost>(row);
  LastTile<kMost, kMost - 1>(row, rows, f);
}

// Vectors of head_dim that a tile of Q query rows sums at once: as many as the registers hold, so
// that a value is turned into floats once for all rows and whole cache lines are read in order.
template <class V, int Q>
constexpr int MixVectors() {
  int vectors = 8;
  while (vectors * Q > V::kSums && vectors * V::kRows > kKeyBlock) vectors /= 2;
  return vectors;
}

// Values of a chunk as a sum of them sees them: row p of block p / 16.
struct ValueRows {
  const std::uint8_t* first = nullptr;  // of block 0
  std::int64_t block_bytes = 0, row_bytes = 0;
  std::int64_t positions = 0;
};

// outs[q][0..W * kRows) = outs * factor[q] + sum over p of weights[q][p] * values[p], for W vectors
// that begin at values.first. Vectors of 32 values have weights of their own where kOwnWeights:
// weights[block of 32][q][kChunk].
template <class V, class Cache, int Q, int W>
__attribute__((noinline)) void MixTile(const ValueRows& values, const float* weights,
                                       const float* factor, float* outs, std::int64_t head_dim) {
  typename V::Floats sum[Q][W];
  for (int q = 0; q < Q; ++q) {
    for (int v = 0; v < W; ++v) {
      sum[q][v] = V::Mul(V::LoadFloats(outs + q * head_dim + v * V::kRows), V::Set(factor[q]));
    }
  }
  constexpr int kOwn = Cache::kOwnWeights && W * V::kRows > 32 ? W * V::kRows / 32 : 1;
  const std::uint8_t* block = values.first;
  for (std::int64_t left = values.positions; left > 0; left -= kKeyBlock) {
    const std::int64_t count = left < kKeyBlock ? left : kKeyBlock;
    const std::uint8_t* row = block;
    const float* const end = weights + count;
    for (; weights != end; ++weights, row += values.row_bytes) {
      typename V::Floats weight[kOwn][Q];
      for (int own = 0; own < kOwn; ++own) {
        for (int q = 0; q < Q; ++q) weight[own][q] = V::Set(weights[(own * Q + q) * kChunk]);
      }
      for (int v = 0; v < W; ++v) {
        const auto value = Cache::template LoadValues<V>(row + v * V::kRows * Cache::kValueBytes);
        for (int q = 0; q < Q; ++q) {
          sum[q][v] = V::MulAdd(weight[v * kOwn / W][q], value, sum[q][v]);
        }
      }
    }
    block += values.block_bytes;
  }
  for (int q = 0; q < Q; ++q) {
    for (int v = 0; v < W; ++v) V::StoreFloats(outs + q * head_dim + v * V::kRows, sum[q][v]);
  }
}

// 2^x of x up to 0, and 0 below -100, since products of less would be subnormal, which processors
// are slow at: x = n + r, and 2^r by the polynomial that meets it at the zeros of a Chebyshev
// polynomial, 2^-22 from it at most.
template <class V>
inline typename V::Floats Exp2(typename V::Floats x) {
  const auto least = V::Set(-100.0f), clamped = V::Max(x, least);
  const auto n = V::Round(clamped), r = V::Sub(clamped, n);
  auto sum = V::Set(1.33908633e-3f);
  sum = V::MulAdd(sum, r, V::Set(9.67603177e-3f));
  sum = V::MulAdd(sum, r, V::Set(5.55035695e-2f));
  sum = V::MulAdd(sum, r, V::Set(0.240221068f));
  sum = V::MulAdd(sum, r, V::Set(0.693147182f));
  sum = V::MulAdd(sum, r, V::Set(1.00000012f));
  return V::ZeroWhereBelow(V::TimesPowerOf2(sum, n), x, least);
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
  const bool grew = new_maximum > *maximum;
  auto total = V::Set(0.0f);
  for (std::int64_t p = 0; p < padded; p += V::kRows) {
    const auto weight = Exp2<V>(V::Sub(V::LoadFloats(scores + p), shift));
    V::StoreFloats(scores + p, weight);
    total = V::Add(total, weight);
  }
  float lanes[V::kRows] = {1.0f};
  if (grew) V::StoreFloats(lanes, Exp2<V>(V::Set(*maximum - new_maximum)));
  *sum = *sum * lanes[0] + V::ReduceAdd(total);
  *maximum = new_maximum;
  return lanes[0];
}

template <class V, class Cache>
void AttentionKernel(const AttentionArgs& a) {
  float scores[kMaxQueryRows * kChunk];
  float factors[kMaxQueryRows];
  for (std::int64_t begin = a.begin; begin < a.end; begin += kChunk) {
    const std::int64_t positions = a.end - begin < kChunk ? a.end - begin : kChunk;
    const std::int64_t blocks = (positions + kKeyBlock - 1) / kKeyBlock;
    Cache::template Score<V>(a, begin, blocks, scores);
    for (std::int64_t q = 0; q < a.rows; ++q) {
      const std::int64_t allowed =
          a.limits[q] - begin < positions ? a.limits[q] - begin : positions;
      factors[q] =
          SoftmaxRow<V>(scores + q * kChunk, allowed, blocks * kKeyBlock, a.maxima + q, a.sums + q);
    }
    ForTiles<V::kQueryTile>(a.rows, [&]<int Q>(std::int64_t q) {
      Cache::template Mix<V, Q>(a, begin, positions, scores + q * kChunk, factors + q,
                                a.outs + q * a.head_dim);
    });
  }
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_INL_H_
