// Weights times many columns, by a unit that multiplies whole tiles of bf16.
//
// A tile holds 16 x 16 sums, 16 columns of activations by 16 rows of weights, which is one group of
// the packed layout. Coded weights are decoded to bf16 once for many columns, two groups at a time,
// so that scales are met there and sums need none. What bf16 rounds away, 2^-9
// of a number at most, is less than what int8 activations lose.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_TILE_MATMUL_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_TILE_MATMUL_INL_H_

#include "backends/cpu/kernels/matmul-inl.h"

namespace inferometer::cpu {

// What is worked on at once, so that of each multiplication one side comes from the first-level
// cache, 48 KiB on processors with such units, and the other from the second, 2 MiB: 256 columns of
// two groups of weights take 16 KiB, so many of 512 tokens 256 KiB, and the sums of 16 groups and
// 512 tokens 512 KiB. With twice as many columns a thread of Granite Rapids is a tenth slower.
inline constexpr std::int64_t kPanelDepth = 256, kPanelColumns = 512, kBlockGroups = 16;
inline constexpr std::int64_t kPairBytes = 4 * kTileRows;  // two columns of a group
inline constexpr std::int64_t kPanelBytes = kPanelDepth / 2 * kPairBytes;
inline constexpr std::int64_t kRestsBytes = 2 * kPanelBytes;  // from a panel to what is left of it
inline constexpr std::int64_t kTileBytes = 2 * kTileRows * kTileDepth;
inline constexpr std::int64_t kTileSums = kTileRows * kTileRows;

constexpr std::int64_t Lesser(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// Codes of one block as pairs of columns: [two columns][row][column of the two].
template <class V, class Codes, int kStep = 0>
inline __attribute__((always_inline)) void DecodeSteps(const std::uint8_t* codes,
                                                       const BlockScales<V>& scales,
                                                       std::uint8_t* out) {
  if constexpr (kStep < 8) {
    constexpr int kPart = kStep * Codes::kParts / 8;
    constexpr bool kMin = Codes::kHasMin || OffsetOf<V, Codes>() != 0;
    const auto bytes = LoadCodes<V, Codes, kStep>(codes);
    const auto value = [&scales](typename V::Floats code) {
      if constexpr (!kMin) return V::Mul(code, scales.scale[kPart]);
      return V::MulAdd(code, scales.scale[kPart], scales.min[kPart]);
    };
    V::StoreBytes(out, V::BrainPairs(value(V::template ByteOf<0>(bytes)),
                                     value(V::template ByteOf<1>(bytes))));
    V::StoreBytes(out + kPairBytes, V::BrainPairs(value(V::template ByteOf<2>(bytes)),
                                                  value(V::template ByteOf<3>(bytes))));
    DecodeSteps<V, Codes, kStep + 1>(codes, scales, out + 2 * kPairBytes);
  }
}

template <class V, class Codes>
struct CodedWeights {
  static constexpr bool kRests = false;
  // Columns k .. k + depth of a group, as the tiles want them; k is a multiple of kPanelDepth.
  static inline const std::uint8_t* Pairs(const std::uint8_t* group, std::int64_t k,
                                          std::int64_t depth, std::uint8_t* panel) {
    constexpr int kHeader = HeaderBytes<Codes>(V::kRows);
    constexpr int kCodes = CodeBytes(Codes::kBits, V::kRows);
    const std::uint8_t* p = group + k / (32 * Codes::kBlocks) * (kHeader + Codes::kBlocks * kCodes);
    std::uint8_t* out = panel;
    for (std::int64_t i = 0; i < depth; i += 32 * Codes::kBlocks) {
      const std::uint8_t* codes = p + kHeader;
      for (int b = 0; b < Codes::kBlocks; ++b) {
        BlockScales<V> scales = LoadScales<V, Codes>(p, b);
        for (auto& min : scales.min) min = V::Sub(V::Set(0.0f), min);
        DecodeSteps<V, Codes>(codes, scales, out);
        codes += kCodes;
        out += 16 * kPairBytes;
      }
      p = codes;
    }
    return panel;
  }
};

// Stores pairs of numbers as pairs of bf16, and what those leave.
template <class V>
inline void StoreSums(typename V::Floats low, typename V::Floats high, std::uint8_t* pairs,
                      std::uint8_t* rests) {
  const auto rounded = V::BrainPairs(low, high);
  V::StoreBytes(pairs, rounded);
  V::StoreBytes(rests, V::BrainPairs(V::Sub(low, V::LowBrains(rounded)),
                                     V::Sub(high, V::HighBrains(rounded))));
}

// `depth` columns of a group of halves, [column][row].
template <class V>
inline void SumsOfHalves(const std::uint8_t* p, std::int64_t depth, std::uint8_t* pairs,
                         std::uint8_t* rests) {
  for (std::int64_t i = 0; i < depth; i += 2, p += 4 * kTileRows) {
    StoreSums<V>(V::LoadHalf(p), V::LoadHalf(p + 2 * kTileRows), pairs + i / 2 * kPairBytes,
                 rests + i / 2 * kPairBytes);
  }
}

// f16 has three bits more than bf16: each weight is the sum of two, and so are activations, so that
// three products miss 2^-16 of a number at most.
template <class V>
struct HalfWeights {
  static constexpr bool kRests = true;
  // What is left goes kRestsBytes behind.
  static inline const std::uint8_t* Pairs(const std::uint8_t* group, std::int64_t k,
                                          std::int64_t depth, std::uint8_t* panel) {
    SumsOfHalves<V>(group + k * 2 * kTileRows, depth, panel, panel + kRestsBytes);
    return panel;
  }
};

struct BrainWeights {  // stand so already
  static constexpr bool kRests = false;
  static inline const std::uint8_t* Pairs(const std::uint8_t* group, std::int64_t k, std::int64_t,
                                          std::uint8_t*) {
    return group + k / 2 * kPairBytes;
  }
};

template <int kNumber>
struct Index {
  static constexpr int kAt = kNumber;
};
template <int A, int B, typename F>
inline void ForEachTile(F f) {
  f(Index<0>(), Index<0>());
  if constexpr (B == 2) f(Index<0>(), Index<1>());
  if constexpr (A == 2) f(Index<1>(), Index<0>());
  if constexpr (A == 2 && B == 2) f(Index<1>(), Index<1>());
}

// Activations that a pair of groups brings to the second-level cache for the next columns.
inline constexpr std::int64_t kAheadBytes = kPanelDepth / kTileDepth * 256;
static_assert(kBlockGroups / 2 * kAheadBytes == 2 * kPanelDepth / kTileDepth * kTileBytes);

// Adds to sums of A tiles of columns by B groups, which stand in `sums` as whole tiles, 2 x 2 of
// them; `x`: activations of the first tile, each next one `row_bytes` further; `pairs`: weights.
// The next sums and what is `ahead` are asked for on the way, which makes a tenth.
template <class T, int A, int B>
void RunTiles(const std::uint8_t* x, std::int64_t row_bytes, const std::uint8_t* const* pairs,
              std::int64_t depth, bool first, const std::uint8_t* ahead, float* sums) {
  ForEachTile<A, B>([&](auto i, auto j) {
    constexpr int kSum = 2 * i.kAt + j.kAt;
    if (first) {
      T::template Zero<kSum>();
    } else {
      T::template Load<kSum>(sums + kSum * kTileSums, kTileRows * 4);
    }
  });
  for (std::int64_t i = 0; i < depth / kTileDepth; ++i, x += kTileBytes) {
    for (int line = 0; line < 8; ++line) {
      __builtin_prefetch(sums + 4 * kTileSums + (i * 8 + line) * 16, 1);
    }
    for (int line = 0; line < 4; ++line) __builtin_prefetch(ahead + (i * 4 + line) * 64, 0, 2);
    T::template Load<6>(pairs[0] + i * kTileBytes, kPairBytes);
    T::template LoadOnce<4>(x, 2 * kTileDepth);
    T::template MulAdd<0, 4, 6>();
    if constexpr (B == 2) {
      T::template Load<7>(pairs[1] + i * kTileBytes, kPairBytes);
      T::template MulAdd<1, 4, 7>();
    }
    if constexpr (A == 2) {
      T::template LoadOnce<5>(x + row_bytes, 2 * kTileDepth);
      T::template MulAdd<2, 5, 6>();
      if constexpr (B == 2) T::template MulAdd<3, 5, 7>();
    }
  }
  ForEachTile<A, B>([&](auto i, auto j) {
    constexpr int kSum = 2 * i.kAt + j.kAt;
    T::template Store<kSum>(sums + kSum * kTileSums, kTileRows * 4);
  });
}

// What MatMulArgs::room is: weights of two groups, what is left of them, and the sums of what is
// worked on at once, which would lie far from each other in `out`.
struct TileRoom {
  std::uint8_t panel[4][kPanelBytes];
  float sums[kBlockGroups / 2 * (kPanelColumns / 32) * 4 * kTileSums];
};

// A block of groups times a stretch of columns.
template <class V, class T, class Weights>
void RunBlock(const MatMulArgs& a, TileRoom& room) {
  const std::int64_t columns = (a.column_end - a.column_begin + 31) / 32;  // pairs of tiles
  const std::int64_t row_bytes = a.in.in_width / kTileDepth * kTileBytes;
  const auto* in = reinterpret_cast<const std::uint8_t*>(a.in.tiles);
  [[maybe_unused]] const auto* in_rests = reinterpret_cast<const std::uint8_t*>(a.in.rests);
  for (std::int64_t k = 0; k < a.in.in_width; k += kPanelDepth) {
    const std::int64_t depth = Lesser(a.in.in_width - k, kPanelDepth);
    float* sums = room.sums;
    for (std::int64_t group = a.group_begin; group < a.group_end; group += 2) {
      const bool two = group + 1 < a.group_end;
      const std::uint8_t* pairs[2] = {};
      for (int g = 0; g < 1 + two; ++g) {
        pairs[g] = Weights::Pairs(a.weights + (group + g) * a.group_bytes, k, depth, room.panel[g]);
      }
      for (std::int64_t c = 0; c < columns; ++c, sums += 4 * kTileSums) {
        const std::int64_t column = a.column_begin + 32 * c;
        const bool both = column + kTileRows < a.column_end;
        const auto run = both ? (two ? RunTiles<T, 2, 2> : RunTiles<T, 2, 1>)
                              : (two ? RunTiles<T, 1, 2> : RunTiles<T, 1, 1>);
        const std::uint8_t* x = in + column / kTileRows * row_bytes + k / kTileDepth * kTileBytes;
        const std::int64_t pair = (group - a.group_begin) / 2;
        const std::uint8_t* ahead =
            x + depth / kTileDepth * kTileBytes + pair % 2 * row_bytes + pair / 2 * kAheadBytes;
        run(x, row_bytes, pairs, depth, k == 0, ahead, sums);
        if constexpr (Weights::kRests) {
          const std::uint8_t* const rests[2] = {room.panel[0] + kRestsBytes,
                                                room.panel[1] + kRestsBytes};
          run(x, row_bytes, rests, depth, false, ahead, sums);
          run(in_rests + (x - in), row_bytes, pairs, depth, false, ahead, sums);
        }
      }
    }
  }
  for (std::int64_t group = a.group_begin; group < a.group_end; ++group) {
    const float* sums = room.sums + (group - a.group_begin) / 2 * columns * 4 * kTileSums +
                        (group - a.group_begin) % 2 * kTileSums;
    for (std::int64_t column = a.column_begin; column < a.column_end; ++column) {
      const std::int64_t at = column - a.column_begin;
      StoreColumn<V>(a, group, column,
                     V::LoadFloats(sums + at / 32 * 4 * kTileSums + at / 16 % 2 * 2 * kTileSums +
                                   at % 16 * kTileRows));
    }
  }
}

// A unit T has eight tiles, by number, of 16 rows of 64 bytes: Zero, Load, LoadOnce, which leaves
// the first-level cache to others, and Store with the bytes from row to row, and MulAdd<sum, x, w>,
// which adds to floats the products of pairs of bf16. Begin and End stand around all use.
template <class V, class T, class Weights>
void TileMatMulKernel(const MatMulArgs& all) {
  TileRoom& room = *static_cast<TileRoom*>(all.room);
  MatMulArgs a = all;
  T::Begin();
  for (; a.column_begin < all.column_end; a.column_begin += kPanelColumns) {
    a.column_end = Lesser(a.column_begin + kPanelColumns, all.column_end);
    for (a.group_begin = all.group_begin; a.group_begin < all.group_end;
         a.group_begin += kBlockGroups) {
      a.group_end = Lesser(a.group_begin + kBlockGroups, all.group_end);
      RunBlock<V, T, Weights>(a, room);
    }
  }
  T::End();
}

// Rounds a row into its places of the tiles, and what is left into those of `rests`.
template <class V>
void ToTilesKernel(const float* in, std::int64_t n, std::int64_t row, std::uint16_t* tiles,
                   std::uint16_t* rests) {
  std::int64_t at = row / kTileRows * n * kTileRows + row % kTileRows * kTileDepth;
  for (std::int64_t i = 0; i < n; i += kTileDepth, at += kTileRows * kTileDepth) {
    for (int part = 0; part < kTileDepth; part += V::kRows) {
      const auto x = V::LoadFloats(in + i + part);
      std::uint16_t* out = tiles + at + part;
      V::StoreBrain(out, x);
      if (rests == nullptr) continue;
      const auto rounded = V::LoadBrain(reinterpret_cast<const std::uint8_t*>(out));
      V::StoreBrain(rests + at + part, V::Sub(x, rounded));
    }
  }
}

template <class V, class T, class... Codes>
void AddTileMatMuls(KernelSet& set, CodesList<Codes...>) {
  ((set.tile_matmul[static_cast<int>(Codes::kId)] = TileMatMulKernel<V, T, CodedWeights<V, Codes>>),
   ...);
}

// Adds to a set with pairs of bf16 what multiplies by tiles of a unit T, its vector layer V beside.
template <class V, class T>
void AddTiles(KernelSet& set, const char* form) {
  static_assert(V::kRows == kTileRows);
  set.tile_form = form;
  set.tile_columns = 16;
  set.tile_room = sizeof(TileRoom);
  set.to_tiles = ToTilesKernel<V>;
  set.tile_matmul[static_cast<int>(QuantId::kBF16)] = TileMatMulKernel<V, T, BrainWeights>;
  set.tile_matmul[static_cast<int>(QuantId::kF16)] = TileMatMulKernel<V, T, HalfWeights<V>>;
  AddTileMatMuls<V, T>(set, AllCodes());
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_TILE_MATMUL_INL_H_
