// bf16 weights times activations rounded to bf16, for processors whose dot adds two products at
// once.
//
// Columns stand in pairs: lane r of a vector holds two columns of row r, and meets the same two
// activations in every lane. A last column without a partner has a zero beside it.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_BRAIN_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_BRAIN_INL_H_

#include <cstring>

#include "backends/cpu/kernel_set.h"
#include "backends/cpu/kernels/matmul-inl.h"

namespace inferometer::cpu {

// The vector layer has, beside all else, DotBrain, which adds both products of each lane to its
// sum, StoreBrain, which rounds floats to nearest even, and kBrainChains: how many sums each number
// of a tile of two or three has.
template <class V, class, int G, int C>
struct BrainTile {
  static constexpr int kColumns = V::kFloatColumns, kGroups = V::kFloatGroups;
  using Floats = typename V::Floats;
  // As in FloatTile: the dot takes about as long.
  static constexpr int kChains = G * C >= 8 ? 1 : G * C >= 4 ? 2 : G * C >= 2 ? V::kBrainChains : 4;
  Floats acc[G][C];

  inline __attribute__((always_inline)) void Run(const MatMulArgs& a, std::int64_t group,
                                                 std::int64_t column) {
    constexpr int kBytes = 4 * V::kRows;
    const std::int64_t n = (a.in.in_width + 1) / 2;
    const std::uint8_t* w[G];
    const std::int8_t* x[C];
    Floats sums[kChains][G][C];
    INFEROMETER_UNROLL
    for (int g = 0; g < G; ++g) w[g] = a.weights + (group + g) * a.group_bytes;
    INFEROMETER_UNROLL
    for (int c = 0; c < C; ++c) {
      x[c] = reinterpret_cast<const std::int8_t*>(a.in.brains) + InRow(a, column + c) * n * 4;
    }
    INFEROMETER_UNROLL
    for (int k = 0; k < kChains; ++k) {
      INFEROMETER_UNROLL
      for (int g = 0; g < G; ++g) {
        INFEROMETER_UNROLL
        for (int c = 0; c < C; ++c) sums[k][g][c] = V::Set(0.0f);
      }
    }
    std::int64_t i = 0;
    const bool fetch = column == a.column_begin;
    for (; i + kChains <= n; i += kChains) {
      if (fetch) PrefetchStreams<G>(w[0], a.group_bytes, i * kBytes, kChains * kBytes);
      INFEROMETER_UNROLL
      for (int k = 0; k < kChains; ++k) {
        typename V::Bytes row[G];
        INFEROMETER_UNROLL
        for (int g = 0; g < G; ++g) row[g] = V::LoadBytes(w[g] + (i + k) * kBytes);
        INFEROMETER_UNROLL
        for (int c = 0; c < C; ++c) {
          const auto pair = V::BroadcastQuad(x[c] + (i + k) * 4);
          INFEROMETER_UNROLL
          for (int g = 0; g < G; ++g) sums[k][g][c] = V::DotBrain(sums[k][g][c], row[g], pair);
        }
      }
    }
    for (; i < n; ++i) {
      INFEROMETER_UNROLL
      for (int c = 0; c < C; ++c) {
        const auto pair = V::BroadcastQuad(x[c] + i * 4);
        INFEROMETER_UNROLL
        for (int g = 0; g < G; ++g) {
          sums[0][g][c] = V::DotBrain(sums[0][g][c], V::LoadBytes(w[g] + i * kBytes), pair);
        }
      }
    }
    INFEROMETER_UNROLL
    for (int g = 0; g < G; ++g) {
      INFEROMETER_UNROLL
      for (int c = 0; c < C; ++c) {
        acc[g][c] = sums[0][g][c];
        INFEROMETER_UNROLL
        for (int k = 1; k < kChains; ++k) acc[g][c] = V::Add(acc[g][c], sums[k][g][c]);
      }
    }
  }
};

// Rounds a row of n floats; an odd n gets a zero behind it.
template <class V>
void ToBrainKernel(const float* in, std::int64_t n, std::uint16_t* out) {
  std::int64_t i = 0;
  for (; i + V::kRows <= n; i += V::kRows) V::StoreBrain(out + i, V::LoadFloats(in + i));
  if (i == n) return;
  float last[V::kRows] = {};
  std::uint16_t rounded[V::kRows];
  std::memcpy(last, in + i, static_cast<std::size_t>(n - i) * sizeof(float));
  V::StoreBrain(rounded, V::LoadFloats(last));
  std::memcpy(out + i, rounded, static_cast<std::size_t>((n - i + 1) / 2) * 4);
}

template <class V>
void AddBrain(KernelSet& set, const char* form) {
  set.brain_form = form;
  set.to_brain = ToBrainKernel<V>;
  set.matmul[static_cast<int>(QuantId::kBF16)] = MatMulKernel<V, BrainTile, ElementBF16>;
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_BRAIN_INL_H_
