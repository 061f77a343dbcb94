// A tile of the matmul over coded weights.
//
// A tile is G groups of R rows times C columns. For each block of 32 weights the codes are unpacked
// once per group, each activation quad is broadcast from memory once per column, and integer dots
// of all tiles stay in registers. Scales meet the integers once per block:
//
//   out[r][c] += scale_w[r] * scale_x[c] * dot[r][c] - min_w[r] * sum_x[c]
//
// where a format with an offset instead of a min (code - 8 ...) has min = offset * scale.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_QUANT_TILE_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_QUANT_TILE_INL_H_

#include "backends/cpu/kernels/formats-inl.h"
#include "backends/cpu/kernels/streams-inl.h"

namespace inferometer::cpu {

// What is added to the codes to make them what V multiplies: 8-bit ones may stay signed.
template <class V, class Codes>
constexpr int OffsetOf() {
  return Codes::kValueBits == 8 ? (V::kOffsetQ8 ? 128 : 0) : Codes::kOffset;
}

template <class V>
struct BlockScales {
  typename V::Floats scale[2], min[2];
};

// Scales and mins of block `b` of the superblock at `p`.
template <class V, class Codes>
inline BlockScales<V> LoadScales(const std::uint8_t* p, int b) {
  constexpr int kR = V::kRows;
  constexpr int kOffset = OffsetOf<V, Codes>();
  BlockScales<V> s;
  if constexpr (Codes::kExponent) {
    // Scales below 2^-126, subnormal ones, become that: zero for all that it adds to a sum.
    const auto exponent = V::Sub(V::LoadU8(p), V::Set(128.0f));
    s.scale[0] = V::TimesPowerOf2(V::Set(1.0f), V::Max(exponent, V::Set(-126.0f)));
  } else if constexpr (Codes::kBlocks == 1) {
    s.scale[0] = V::LoadHalf(p);
    if constexpr (Codes::kHasMin) {
      // ggml adds the min of q4_1 and q5_1 and subtracts that of k-quants.
      s.min[0] = V::Sub(V::Set(0.0f), V::LoadHalf(p + 2 * kR));
    }
  } else if constexpr (Codes::kHasMin) {
    const std::uint8_t* small = p + 4 * kR + 2 * kR * b;
    s.scale[0] = V::Mul(V::LoadHalf(p), V::LoadU8(small));
    s.min[0] = V::Mul(V::LoadHalf(p + 2 * kR), V::LoadU8(small + kR));
  } else {
    const std::uint8_t* small = p + 2 * kR + 2 * kR * b;
    const auto d = V::LoadHalf(p);
    s.scale[0] = V::Mul(d, V::LoadI8(small));
    s.scale[1] = V::Mul(d, V::LoadI8(small + kR));
  }
  if constexpr (!Codes::kHasMin && kOffset != 0) {
    for (int part = 0; part < Codes::kParts; ++part) {
      s.min[part] = V::Mul(s.scale[part], V::Set(static_cast<float>(kOffset)));
    }
  }
  return s;
}

// The values of a table, as V multiplies them.
struct Table16 {
  std::uint8_t bytes[16];
};
template <class Codes>
constexpr Table16 TableOf(int offset) {
  Table16 table{};
  for (int i = 0; i < 16; ++i) {
    table.bytes[i] = static_cast<std::uint8_t>(Codes::kValues[i] + offset);
  }
  return table;
}

// The codes of step `s` of a block whose codes start at `p`. For formats below 8 bits the steps j
// and j + 4 come from one load; the compiler keeps it.
template <class V, class Codes, int kStep>
inline typename V::Bytes LoadCodes(const std::uint8_t* p) {
  constexpr int kBits = Codes::kBits;
  constexpr int kVector = 4 * V::kRows;
  if constexpr (kBits == 8) {
    return V::LoadBytes(p + kVector * kStep);
  } else {
    const auto packed = V::LoadBytes(p + kVector * (kStep % 4));
    typename V::Bytes codes = kStep < 4
                                  ? V::template AndMask<0x0f>(packed)
                                  : V::template AndMask<0x0f>(V::template ShiftRight<4>(packed));
    if constexpr (kBits == 5) {
      const auto high = V::LoadBytes(p + kVector * 4);
      if constexpr (kStep <= 4) {
        codes = V::Or(codes, V::template AndMask<0x10>(V::template ShiftLeft<4 - kStep>(high)));
      } else {
        codes = V::Or(codes, V::template AndMask<0x10>(V::template ShiftRight<kStep - 4>(high)));
      }
    } else if constexpr (kBits == 6) {
      const auto high = V::LoadBytes(p + kVector * (4 + kStep / 4));
      constexpr int kField = kStep % 4;
      if constexpr (kField <= 2) {
        codes =
            V::Or(codes, V::template AndMask<0x30>(V::template ShiftLeft<4 - 2 * kField>(high)));
      } else {
        codes = V::Or(codes, V::template AndMask<0x30>(V::template ShiftRight<2>(high)));
      }
    }
    if constexpr (Codes::kTable) {
      static constexpr Table16 kTable = TableOf<Codes>(OffsetOf<V, Codes>());
      return V::LookUp(kTable.bytes, codes);
    }
    return codes;
  }
}

template <class V, class Codes, int G, int C>
struct QuantTile {
  static constexpr int kColumns = V::kColumns, kGroups = V::kTileGroups;
  using Floats = typename V::Floats;
  using Ints = typename V::Ints;
  static constexpr int kParts = Codes::kParts;

  // Steps whose products may be summed before they must be widened; per part at most 8 / kParts.
  static constexpr int kAllowed = V::template Steps<Codes::kValueBits>();
  static constexpr int kRun = kAllowed < 8 / kParts ? kAllowed : 8 / kParts;
  static constexpr bool kHasMin = Codes::kHasMin || OffsetOf<V, Codes>() != 0;
  static constexpr bool kPrefetches = C > 1 || Codes::kBits < 8 || !V::kFusedDot;

  Floats acc[G][C];
  Ints dot[G][C];  // of one part of a block
  typename V::Partial partial[G][C];

  // Steps run in the order 0 4 1 5 2 6 3 7 when there is one part, so that both nibbles of a load
  // are used together, and 0 1 2 3 | 4 5 6 7 when there are two.
  static constexpr int StepAt(int i) {
    if (Codes::kBits == 8 || kParts == 2) return i;
    return i / 2 + (i % 2) * 4;
  }

  template <int kIndex, int kLast>
  inline __attribute__((always_inline)) void Steps(const std::uint8_t* const* codes,
                                                   const std::int8_t* const* x) {
    if constexpr (kIndex < kLast) {
      constexpr int kStep = StepAt(kIndex);
      constexpr bool kBegin = kIndex % kRun == 0, kEnd = kIndex % kRun == kRun - 1;
      typename V::Bytes w[G];
      for (int g = 0; g < G; ++g) w[g] = LoadCodes<V, Codes, kStep>(codes[g]);
      for (int c = 0; c < C; ++c) {
        const auto quad = V::BroadcastQuad(x[c] + 4 * kStep);
        for (int g = 0; g < G; ++g) {
          if constexpr (kBegin) partial[g][c] = V::Begin(dot[g][c]);
          partial[g][c] = Codes::kValueBits == 8 ? V::DotStep8(partial[g][c], w[g], quad)
                                                 : V::DotStep(partial[g][c], w[g], quad);
          if constexpr (kEnd) dot[g][c] = V::End(dot[g][c], partial[g][c]);
        }
      }
      Steps<kIndex + 1, kLast>(codes, x);
    }
  }

  // The same for a V that multiplies eight columns of weights with pairs of columns of activations.
  // Octs run in the order 0 2 1 3 when there is one part, so that both nibbles are used together.
  static constexpr int OctAt(int i) {
    if (Codes::kBits == 8 || kParts == 2) return i;
    return i / 2 + (i % 2) * 2;
  }
  template <int kIndex, int kLast, class Pairs>
  inline __attribute__((always_inline)) void PairSteps(const std::uint8_t* const* codes,
                                                       const std::int8_t* const* x, Pairs& pairs) {
    if constexpr (kIndex < kLast) {
      constexpr int kStep = 2 * OctAt(kIndex);
      for (int g = 0; g < G; ++g) {
        const auto octs =
            V::Zip(LoadCodes<V, Codes, kStep>(codes[g]), LoadCodes<V, Codes, kStep + 1>(codes[g]));
        for (int p = 0; p < C / 2; ++p) {
          pairs[g][p] =
              V::DotPairs(pairs[g][p], octs, x[2 * p] + 4 * kStep, x[2 * p + 1] + 4 * kStep);
        }
      }
      PairSteps<kIndex + 1, kLast>(codes, x, pairs);
    }
  }

  // The sums of one part of a block.
  template <int kPart>
  inline __attribute__((always_inline)) void Dot(const std::uint8_t* const* codes,
                                                 const std::int8_t* const* x) {
    if constexpr (C % 2 == 0 && requires { typename V::PairInts; }) {
      typename V::PairInts pairs[G][C / 2];
      for (int g = 0; g < G; ++g) {
        for (int p = 0; p < C / 2; ++p) pairs[g][p] = V::ZeroPairs();
      }
      PairSteps<kPart * 4 / kParts, (kPart + 1) * 4 / kParts>(codes, x, pairs);
      for (int g = 0; g < G; ++g) {
        for (int p = 0; p < C / 2; ++p) {
          V::Split(pairs[g][p], dot[g][2 * p], dot[g][2 * p + 1]);
        }
      }
    } else {
      for (int g = 0; g < G; ++g) {
        for (int c = 0; c < C; ++c) dot[g][c] = V::ZeroInts();
      }
      Steps<kPart * 8 / kParts, (kPart + 1) * 8 / kParts>(codes, x);
    }
  }

  // The parts of block `b` of a superblock at `w`, from part kPart on. Scales are loaded where they
  // are used, so that they do not take registers from the steps.
  template <int kPart>
  inline __attribute__((always_inline)) void Parts(const std::uint8_t* const* w, int b,
                                                   const std::uint8_t* const* codes,
                                                   const std::int8_t* const* x,
                                                   const float* const* scale,
                                                   const float* const* sum, std::int64_t block) {
    if constexpr (kPart < kParts) {
      Dot<kPart>(codes, x);
      for (int g = 0; g < G; ++g) {
        const BlockScales<V> s = LoadScales<V, Codes>(w[g], b);
        for (int c = 0; c < C; ++c) {
          const Floats scale_x = V::Set(scale[c][block]);
          acc[g][c] = V::MulAdd(V::Mul(s.scale[kPart], scale_x), V::ToFloats(dot[g][c]), acc[g][c]);
          if constexpr (kHasMin) {
            const Floats sum_x = V::Set(sum[c][block * kParts + kPart]);
            acc[g][c] = V::NegMulAdd(s.min[kPart], sum_x, acc[g][c]);
          }
        }
      }
      Parts<kPart + 1>(w, b, codes, x, scale, sum, block);
    }
  }

  inline __attribute__((always_inline)) void Run(const MatMulArgs& a, std::int64_t group,
                                                 std::int64_t column) {
    constexpr int kR = V::kRows;
    constexpr int kHeader = HeaderBytes<Codes>(kR), kCodes = CodeBytes(Codes::kBits, kR);
    const std::int64_t blocks = a.in.in_width / 32;
    const std::uint8_t* w[G];
    for (int g = 0; g < G; ++g) w[g] = a.weights + (group + g) * a.group_bytes;
    const std::int8_t* x[C];
    const float *scale[C], *sum[C];
    for (int c = 0; c < C; ++c) {
      const std::int64_t row = InRow(a, column + c);
      x[c] = a.in.codes + row * a.in.in_width;
      scale[c] = a.in.scales + row * blocks;
      sum[c] = kParts == 2 ? a.in.sums16 + row * blocks * 2 : a.in.sums32 + row * blocks;
      for (int g = 0; g < G; ++g) acc[g][c] = V::Set(0.0f);
    }
    for (std::int64_t super = 0; super < blocks; super += Codes::kBlocks) {
      const std::uint8_t* codes[G];
      for (int g = 0; g < G; ++g) codes[g] = w[g] + kHeader;
      for (int b = 0; b < Codes::kBlocks; ++b) {
        // The first columns bring the weights; those that follow find them in the cache.
        if (kPrefetches && column == a.column_begin) {
          const std::uint8_t* first = a.weights + group * a.group_bytes;
          PrefetchStreams<G>(first, a.group_bytes, codes[0] - first,
                             kCodes + kHeader / Codes::kBlocks);
        }
        Parts<0>(w, b, codes, x, scale, sum, super + b);
        for (int c = 0; c < C; ++c) x[c] += 32;
        for (int g = 0; g < G; ++g) codes[g] += kCodes;
      }
      for (int g = 0; g < G; ++g) w[g] = codes[g];
    }
  }
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_QUANT_TILE_INL_H_
