// A tile of the matmul over weights that are no codes.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_FLOAT_TILE_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_FLOAT_TILE_INL_H_

#include "backends/cpu/kernels/streams-inl.h"

namespace inferometer::cpu {

// Weights as floats, halves or bfloat16, [column][R]: a load widens R rows of one column.
template <class V, class Element, int G, int C>
struct FloatTile {
  static constexpr int kColumns = V::kFloatColumns, kGroups = V::kFloatGroups;
  using Floats = typename V::Floats;
  // Independent sums along the columns when the tile alone does not hide the latency of a
  // multiply-add (4 cycles, 2 a cycle: 8 in flight).
  static constexpr int kChains = G * C >= 8 ? 1 : (G * C >= 4 ? 2 : 4);
  static constexpr bool kPrefetches = C > 2 || Element::kBytes < 4;
  Floats acc[G][C];

  inline __attribute__((always_inline)) void Run(const MatMulArgs& a, std::int64_t group,
                                                 std::int64_t column) {
    constexpr int kBytes = Element::kBytes * V::kRows;
    const std::int64_t n = a.in.in_width;
    const std::uint8_t* w[G];
    const float* x[C];
    Floats sums[kChains][G][C];
    INFEROMETER_UNROLL
    for (int g = 0; g < G; ++g) w[g] = a.weights + (group + g) * a.group_bytes;
    INFEROMETER_UNROLL
    for (int c = 0; c < C; ++c) x[c] = a.in.values + InRow(a, column + c) * n;
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
      if (kPrefetches && fetch) {
        PrefetchStreams<G>(w[0], a.group_bytes, i * kBytes, kChains * kBytes);
      }
      INFEROMETER_UNROLL
      for (int k = 0; k < kChains; ++k) {
        Floats row[G];
        INFEROMETER_UNROLL
        for (int g = 0; g < G; ++g) row[g] = Element::template Load<V>(w[g] + (i + k) * kBytes);
        INFEROMETER_UNROLL
        for (int c = 0; c < C; ++c) {
          const Floats value = V::Set(x[c][i + k]);
          INFEROMETER_UNROLL
          for (int g = 0; g < G; ++g) sums[k][g][c] = V::MulAdd(row[g], value, sums[k][g][c]);
          if constexpr (requires { V::Use(value); }) V::Use(value);
        }
      }
    }
    for (; i < n; ++i) {
      INFEROMETER_UNROLL
      for (int c = 0; c < C; ++c) {
        INFEROMETER_UNROLL
        for (int g = 0; g < G; ++g) {
          sums[0][g][c] = V::MulAdd(Element::template Load<V>(w[g] + i * kBytes), V::Set(x[c][i]),
                                    sums[0][g][c]);
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

struct ElementF32 {
  static constexpr int kBytes = 4;
  template <class V>
  static inline typename V::Floats Load(const std::uint8_t* p) {
    return V::LoadFloats(reinterpret_cast<const float*>(p));
  }
};
struct ElementF16 {
  static constexpr int kBytes = 2;
  template <class V>
  static inline typename V::Floats Load(const std::uint8_t* p) {
    return V::LoadHalf(p);
  }
};
struct ElementBF16 {
  static constexpr int kBytes = 2;
  template <class V>
  static inline typename V::Floats Load(const std::uint8_t* p) {
    return V::LoadBrain(p);
  }
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_FLOAT_TILE_INL_H_
