// Matrix times a few rows of activations, for any vector layer V and any packed format: splits the
// work into tiles of G groups of R rows times C columns that stay in registers.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_MATMUL_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_MATMUL_INL_H_

#include "backends/cpu/kernels/float_tile-inl.h"
#include "backends/cpu/kernels/quant_tile-inl.h"

namespace inferometer::cpu {

// Writes a group that is narrower than R rows, the last of a matrix. Rare, so it stands apart.
template <class V>
__attribute__((noinline)) void StoreNarrow(const MatMulArgs& a, std::int64_t row, float* out,
                                           const float* lanes) {
  for (std::int64_t r = 0; row + r < a.out_width; ++r) {
    const float value = lanes[r] + (a.bias != nullptr ? a.bias[row + r] : 0.0f);
    out[r] = a.accumulate ? out[r] + value : value;
  }
}

// Writes one group of one column.
template <class V>
inline void StoreColumn(const MatMulArgs& a, std::int64_t group, std::int64_t column,
                        typename V::Floats sum) {
  const std::int64_t row = group * V::kRows;
  float* out = a.out + OutRow(a, column) * a.out_stride + row;
  if (row + V::kRows <= a.out_width) {
    if (a.bias != nullptr) sum = V::Add(sum, V::LoadFloats(a.bias + row));
    if (a.accumulate) sum = V::Add(sum, V::LoadFloats(out));
    V::StoreFloats(out, sum);
    return;
  }
  float lanes[V::kRows];
  V::StoreFloats(lanes, sum);
  StoreNarrow<V>(a, row, out, lanes);
}

template <class V, class Tile, int G, int C>
inline void RunTile(const MatMulArgs& a, std::int64_t group, std::int64_t column) {
  Tile tile;
  tile.Run(a, group, column);
  for (int c = 0; c < C; ++c) {
    for (int g = 0; g < G; ++g) StoreColumn<V>(a, group + g, column + c, tile.acc[g][c]);
  }
}

// The columns of the next smaller tile: 8, 4, 3, 2, 1, so that up to 4 left ones are one tile.
constexpr int SmallerThan(int columns) { return columns > 8 ? 8 : columns > 4 ? 4 : columns - 1; }

// Columns from `column` on for G groups, in tiles of C as long as there are so many, then in
// smaller ones.
template <class V, template <class, class, int, int> class Tile, class Format, int G, int C>
inline void RunColumns(const MatMulArgs& a, std::int64_t group, std::int64_t column) {
  for (; column + C <= a.column_end; column += C) {
    RunTile<V, Tile<V, Format, G, C>, G, C>(a, group, column);
  }
  if constexpr (C > 1) RunColumns<V, Tile, Format, G, SmallerThan(C)>(a, group, column);
}

template <class V, template <class, class, int, int> class Tile, class Format, int G>
inline void RunGroups(const MatMulArgs& a, std::int64_t group) {
  RunColumns<V, Tile, Format, G, Tile<V, Format, G, 1>::kColumns>(a, group, a.column_begin);
}

// Groups from `group` on, G at a time, as C columns; returns the first group that is left.
template <class V, template <class, class, int, int> class Tile, class Format, int G, int C>
inline std::int64_t RunStreams(const MatMulArgs& a, std::int64_t group) {
  for (; group + G <= a.group_end; group += G) {
    RunTile<V, Tile<V, Format, G, C>, G, C>(a, group, a.column_begin);
  }
  return group;
}

template <class V, template <class, class, int, int> class Tile, class Format>
void MatMulKernel(const MatMulArgs& a) {
  std::int64_t group = a.group_begin;
  const std::int64_t columns = a.column_end - a.column_begin;
  constexpr int kG = Tile<V, Format, 1, 1>::kGroups, kC = Tile<V, Format, 1, 1>::kColumns;
  // Few columns are bound by memory: several groups at once, each a stream of its own for the
  // prefetchers, as many as the registers of the tile allow.
  if (columns == 1) {
    group = RunStreams<V, Tile, Format, V::kStreams, 1>(a, group);
  } else if (columns == 2 && kC >= 4) {
    group = RunStreams<V, Tile, Format, 2 * kG, 2>(a, group);
  } else if constexpr (kG > 1) {
    for (; group + kG <= a.group_end; group += kG) RunGroups<V, Tile, Format, kG>(a, group);
  }
  for (; group < a.group_end; ++group) RunGroups<V, Tile, Format, 1>(a, group);
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_MATMUL_INL_H_
