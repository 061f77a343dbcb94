// Attention of many query rows over a cache of halves, by a unit that multiplies whole tiles of
// bf16.
//
// As attention-inl.h, with both products in tiles. Queries, keys, weights and values are sums of
// two bf16 each (tile_matmul-inl.h, HalfWeights): a key block lies as a group of f16 weights does,
// and two rows of values side by side are the pairs of 16 of their columns.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_TILES_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_TILES_INL_H_

#include "backends/cpu/kernels/attention-inl.h"
#include "backends/cpu/kernels/tile_matmul-inl.h"

namespace inferometer::cpu {

// A chunk of 16 columns of values as pairs of positions.
inline constexpr std::int64_t kValueGroupBytes = kChunk / 2 * kPairBytes;

// What AttentionArgs::room is, 224 KiB for heads of 256 values: small enough for the second-level
// cache.
struct AttentionRoom {
  float scores[kMaxTiledRows * kChunk];
  std::uint16_t weights[kMaxTiledRows * kChunk], weight_rests[kMaxTiledRows * kChunk];
  // By 16 positions of keys, and by 16 columns of values: pairs, and of all of them what is left.
  std::uint8_t keys[2 * 2 * kChunk * kMostTiledHead];
  std::uint8_t values[2 * 2 * kChunk * kMostTiledHead];
  float outs[kMaxTiledRows * kMostTiledHead];
};

// Where tiles of one side of a product lie: those of the next 16 rows, and what is left of each.
struct TileSide {
  const std::uint8_t* first;
  std::int64_t next, rests;
};

template <class T, int A, int B>
inline void MultiplyAll() {
  ForEachTile<A, B>(
      [](auto i, auto j) { T::template MulAdd<2 * i.kAt + j.kAt, 4 + i.kAt, 6 + j.kAt>(); });
}

template <class T, int kFirst, int kCount>
inline void LoadSide(const std::uint8_t* p, std::int64_t next) {
  T::template Load<kFirst>(p, kPairBytes);
  if constexpr (kCount == 2) T::template Load<kFirst + 1>(p + next, kPairBytes);
}

// Adds to the sums of A tiles of rows by B groups, over `depth` columns.
template <class T, int A, int B>
inline void AddProducts(const TileSide& x, const TileSide& w, std::int64_t depth) {
  static_assert(kPairBytes == 2 * kTileDepth, "rows of both sides' tiles stand alike");
  for (std::int64_t at = 0; at < depth / kTileDepth * kTileBytes; at += kTileBytes) {
    LoadSide<T, 6, B>(w.first + at, w.next);
    LoadSide<T, 4, A>(x.first + x.rests + at, x.next);
    MultiplyAll<T, A, B>();
    LoadSide<T, 4, A>(x.first + at, x.next);
    MultiplyAll<T, A, B>();
    LoadSide<T, 6, B>(w.first + w.rests + at, w.next);
    MultiplyAll<T, A, B>();
  }
}

// Scores of the chunk's key blocks.
template <class T, int A>
void ScoreTiles(const TileSide& queries, const TileSide& keys, std::int64_t head_dim,
                std::int64_t blocks, float* scores) {
  const auto run = [&](auto count, std::int64_t b) {
    constexpr int kB = decltype(count)::kAt;
    ForEachTile<A, kB>([](auto i, auto j) { T::template Zero<2 * i.kAt + j.kAt>(); });
    AddProducts<T, A, kB>(queries, {keys.first + b * keys.next, keys.next, keys.rests}, head_dim);
    ForEachTile<A, kB>([&](auto i, auto j) {
      T::template Store<2 * i.kAt + j.kAt>(
          scores + i.kAt * kTileRows * kChunk + (b + j.kAt) * kKeyBlock, kChunk * 4);
    });
  };
  std::int64_t b = 0;
  for (; b + 2 <= blocks; b += 2) run(Index<2>(), b);
  if (b < blocks) run(Index<1>(), b);
}

// Adds weights times values to `outs`, for two groups of 16 columns at a time.
template <class T, int A>
void MixTiles(const TileSide& weights, const TileSide& values, std::int64_t head_dim,
              std::int64_t positions, float* outs) {
  for (std::int64_t d = 0; d < head_dim; d += 2 * kTileRows) {
    const auto out = [&](auto i, auto j) {
      return outs + i.kAt * kTileRows * head_dim + d + j.kAt * kTileRows;
    };
    ForEachTile<A, 2>(
        [&](auto i, auto j) { T::template Load<2 * i.kAt + j.kAt>(out(i, j), head_dim * 4); });
    AddProducts<T, A, 2>(weights,
                         {values.first + d / kTileRows * values.next, values.next, values.rests},
                         positions);
    ForEachTile<A, 2>(
        [&](auto i, auto j) { T::template Store<2 * i.kAt + j.kAt>(out(i, j), head_dim * 4); });
  }
}

// Rows of values as pairs of positions; those beyond `positions`, whatever is there, are zero.
template <class V>
void PairValues(const std::uint8_t* rows, std::int64_t head_dim, std::int64_t positions,
                std::int64_t padded, std::uint8_t* pairs, std::uint8_t* rests) {
  for (std::int64_t p = 0; p < padded; p += 2) {
    for (std::int64_t g = 0; g < head_dim / kTileRows; ++g) {
      const std::uint8_t* row = rows + 2 * (p * head_dim + g * kTileRows);
      const std::int64_t to = g * kValueGroupBytes + p / 2 * kPairBytes;
      StoreSums<V>(p < positions ? V::LoadHalf(row) : V::Set(0.0f),
                   p + 1 < positions ? V::LoadHalf(row + 2 * head_dim) : V::Set(0.0f), pairs + to,
                   rests + to);
    }
  }
}

// Scores of the chunk become weights in tiles, and the sums so far shrink by what the maxima grew.
template <class V>
void WeighRows(const AttentionArgs& a, AttentionRoom& room, std::int64_t begin,
               std::int64_t positions, std::int64_t whole, std::int64_t padded) {
  for (std::int64_t q = 0; q < a.rows; ++q) {
    float* scores = room.scores + q * kChunk;
    const float factor = SoftmaxRow<V>(scores, Lesser(a.limits[q] - begin, positions), whole,
                                       a.maxima + q, a.sums + q);
    for (std::int64_t p = whole; p < padded; ++p) scores[p] = 0;
    ToTilesKernel<V>(scores, padded, q, room.weights, room.weight_rests);
    if (factor == 1.0f) continue;
    float* out = room.outs + q * a.head_dim;
    for (std::int64_t d = 0; d < a.head_dim; d += V::kRows) {
      V::StoreFloats(out + d, V::Mul(V::LoadFloats(out + d), V::Set(factor)));
    }
  }
}

// f(how many tiles, first row) for all rows, two tiles of them at a time.
template <class F>
inline void ForRowTiles(std::int64_t rows, F f) {
  std::int64_t row = 0;
  for (; row + kTileRows < rows; row += 2 * kTileRows) f(Index<2>(), row);
  if (row < rows) f(Index<1>(), row);
}

// From the beginning of the state on, which is written and not added to.
template <class V, class T>
void AttentionTilesKernel(const AttentionArgs& a) {
  AttentionRoom& room = *static_cast<AttentionRoom*>(a.room);
  const auto side = [](const std::uint16_t* tiles, const std::uint16_t* rests, std::int64_t row,
                       std::int64_t width) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(tiles);
    return TileSide{first + 2 * row * width, 2 * kTileRows * width,
                    reinterpret_cast<const std::uint8_t*>(rests) - first};
  };
  const std::int64_t key_bytes = a.head_dim / 2 * kPairBytes;
  const TileSide keys{room.keys, key_bytes, kChunk / kKeyBlock * key_bytes};
  const TileSide values{room.values, kValueGroupBytes, a.head_dim / kTileRows * kValueGroupBytes};
  for (std::int64_t i = 0; i < kMaxTiledRows * a.head_dim; ++i) room.outs[i] = 0;
  T::Begin();
  for (std::int64_t begin = a.begin; begin < a.end; begin += kChunk) {
    const std::int64_t positions = Lesser(a.end - begin, kChunk);
    const std::int64_t blocks = (positions + kKeyBlock - 1) / kKeyBlock;
    const std::int64_t whole = blocks * kKeyBlock;
    const std::int64_t padded = (whole + kTileDepth - 1) / kTileDepth * kTileDepth;
    for (std::int64_t b = 0; b < blocks; ++b) {
      std::uint8_t* pairs = room.keys + b * key_bytes;
      SumsOfHalves<V>(a.keys + 2 * (begin + b * kKeyBlock) * a.head_dim, a.head_dim, pairs,
                      pairs + keys.rests);
    }
    ForRowTiles(a.rows, [&](auto tiles, std::int64_t row) {
      ScoreTiles<T, decltype(tiles)::kAt>(side(a.query_tiles, a.query_rests, row, a.head_dim), keys,
                                          a.head_dim, blocks, room.scores + row * kChunk);
    });
    PairValues<V>(a.values + 2 * begin * a.head_dim, a.head_dim, positions, padded, room.values,
                  room.values + values.rests);
    WeighRows<V>(a, room, begin, positions, whole, padded);
    ForRowTiles(a.rows, [&](auto tiles, std::int64_t row) {
      MixTiles<T, decltype(tiles)::kAt>(side(room.weights, room.weight_rests, row, padded), values,
                                        a.head_dim, padded, room.outs + row * a.head_dim);
    });
  }
  T::End();
  for (std::int64_t i = 0; i < a.rows * a.head_dim; ++i) a.outs[i] = room.outs[i];
}

template <class V, class T>
void AddAttentionTiles(KernelSet& set) {
  set.attention_tiles = AttentionTilesKernel<V, T>;
  if (set.tile_room < sizeof(AttentionRoom)) set.tile_room = sizeof(AttentionRoom);
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_ATTENTION_TILES_INL_H_
