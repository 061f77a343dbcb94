// Where the tiles of a matmul find their activations and put their results, and how weights are
// brought ahead.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_STREAMS_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_STREAMS_INL_H_

#include <cstdint>

#include "backends/cpu/kernel_set.h"

// GCC unrolls loops over a tile too late to keep the tile in registers, unless it is told.
#if defined(__clang__)
#define INFEROMETER_UNROLL
#else
#define INFEROMETER_UNROLL _Pragma("GCC unroll 16")
#endif

namespace inferometer::cpu {

// The row of activations, and that of `out`, that belong to a column.
inline std::int64_t InRow(const MatMulArgs& a, std::int64_t column) {
  return a.in_rows == nullptr ? column : a.in_rows[column];
}
inline std::int64_t OutRow(const MatMulArgs& a, std::int64_t column) {
  return a.out_rows == nullptr ? column : a.out_rows[column];
}

// Asks for `bytes` of each of G streams, kPrefetchAhead beyond the place `at` of their groups;
// beyond the end of a group the stream goes on G groups later. Where a byte takes several
// instructions, a processor's own prefetchers see too few loads ahead. One thread of Zen 5 read
//   q4_0, q4_k, q6_k with AVX-512  at 29, 30, 23 GB/s without and 37, 37, 33 GB/s with this
//   q4_0, q4_k, q6_k with AVX2        22, 18, 17                  37, 38, 28
//   q4_0 for 4 columns with AVX-512   14                          31
// and from 1 or 3 KiB ahead up to a tenth less. Formats of one instruction a byte it slows by 5 %.
inline constexpr std::int64_t kPrefetchAhead = 2048;
template <int G>
inline void PrefetchStreams(const std::uint8_t* first, std::int64_t group_bytes, std::int64_t at,
                            int bytes) {
  std::int64_t ahead = at + kPrefetchAhead;
  if (ahead >= group_bytes) ahead += (G - 1) * group_bytes;
  for (int g = 0; g < G; ++g) {
    for (int line = 0; line < bytes; line += 64) {
      __builtin_prefetch(first + g * group_bytes + ahead + line);
    }
  }
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_STREAMS_INL_H_
