// Plain C++: runs everywhere, and shows what the vector layer of every instruction set must do.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "backends/cpu/kernels/kernel_set-inl.h"

namespace inferometer::cpu {
namespace {

struct Scalar {
  static constexpr int kRows = 8;
  static constexpr bool kOffsetQ8 = false;
  static constexpr int kColumns = 2, kTileGroups = 1, kStreams = 1;
  static constexpr int kFloatColumns = 2, kFloatGroups = 1;
  static constexpr int kQueryTile = 2, kSums = 4;
  struct Bytes {
    std::uint8_t v[32];
  };
  struct Ints {
    std::int32_t v[8];
  };
  struct Floats {
    float v[8];
  };
  using Partial = Ints;
  // Vectors by the compiler: 128 bits, 16 registers on x86.
  static constexpr bool kFusedDot = false, kPastCaches = false;
  static constexpr int kPeakChains = 6;
  static constexpr int kPeakWeights = 2, kPeakInputs = 2, kPeakSteps = 8;

  template <typename T, typename F>
  static inline T Each(F f) {
    T r;
    for (int i = 0; i < static_cast<int>(sizeof r.v / sizeof r.v[0]); ++i) r.v[i] = f(i);
    return r;
  }
  static inline Bytes LoadBytes(const std::uint8_t* p) {
    Bytes r;
    std::memcpy(r.v, p, sizeof r.v);
    return r;
  }
  static inline void StoreBytes(std::uint8_t* p, Bytes v) { std::memcpy(p, v.v, sizeof v.v); }
  static inline Bytes BroadcastQuad(const std::int8_t* p) {
    return Each<Bytes>([p](int i) { return static_cast<std::uint8_t>(p[i % 4]); });
  }
  template <int kMask>
  static inline Bytes AndMask(Bytes a) {
    return Each<Bytes>([a](int i) { return static_cast<std::uint8_t>(a.v[i] & kMask); });
  }
  template <int kBits>
  static inline Bytes ShiftRight(Bytes a) {
    return Each<Bytes>([a](int i) { return static_cast<std::uint8_t>(a.v[i] >> kBits); });
  }
  template <int kBits>
  static inline Bytes ShiftLeft(Bytes a) {
    return Each<Bytes>([a](int i) { return static_cast<std::uint8_t>(a.v[i] << kBits); });
  }
  static inline Bytes LookUp(const std::uint8_t (&table)[16], Bytes a) {
    return Each<Bytes>([&table, a](int i) { return table[a.v[i]]; });
  }
  static inline Bytes Or(Bytes a, Bytes b) {
    return Each<Bytes>([a, b](int i) { return static_cast<std::uint8_t>(a.v[i] | b.v[i]); });
  }
  static inline Bytes Xor(Bytes a, Bytes b) {
    return Each<Bytes>([a, b](int i) { return static_cast<std::uint8_t>(a.v[i] ^ b.v[i]); });
  }

  template <int kBits>
  static constexpr int Steps() {
    return 8;
  }
  static inline Partial Begin(Ints sum) { return sum; }
  static inline Ints End(Ints, Partial p) { return p; }
  // Codes below 8 bits are at most 63, so they mean the same signed and unsigned.
  static inline Partial DotStep(Partial p, Bytes w, Bytes x) {
    for (int r = 0; r < kRows; ++r) {
      for (int k = 0; k < 4; ++k) {
        p.v[r] +=
            static_cast<std::int8_t>(w.v[4 * r + k]) * static_cast<std::int8_t>(x.v[4 * r + k]);
      }
    }
    return p;
  }
  static inline Partial DotStep8(Partial p, Bytes w, Bytes x) { return DotStep(p, w, x); }

  static inline Floats Set(float x) {
    return Each<Floats>([x](int) { return x; });
  }
  static inline Floats LoadFloats(const float* p) {
    Floats r;
    std::memcpy(r.v, p, sizeof r.v);
    return r;
  }
  static inline void StoreFloats(float* p, Floats v) { std::memcpy(p, v.v, sizeof v.v); }

  // IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits.
  static inline float FromHalf(std::uint16_t h) {
    const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000) << 16;
    const std::uint32_t rest = h & 0x7fff;
    float value;
    if (rest >= 0x7c00) {  // infinite or not a number
      const std::uint32_t bits = sign | 0x7f800000u | (rest & 0x3ff) << 13;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    }
    // The fraction and exponent moved into place, then the exponent's bias put right by a
    // multiplication, which is exact for subnormals too.
    const std::uint32_t bits = rest << 13;
    std::memcpy(&value, &bits, sizeof value);
    value *= 0x1.0p112f;
    return sign != 0 ? -value : value;
  }
  static inline std::uint16_t ToHalf(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const std::uint32_t sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return static_cast<std::uint16_t>(sign | 0x7e00);
    if (magnitude >= 0x477ff000) return static_cast<std::uint16_t>(sign | 0x7c00);
    if (magnitude < 0x38800000) {  // subnormal: let the addition round at the last kept bit
      float small;
      std::memcpy(&small, &magnitude, sizeof small);
      small += 0.5f;
      std::uint32_t rounded;
      std::memcpy(&rounded, &small, sizeof rounded);
      return static_cast<std::uint16_t>(sign | (rounded - 0x3f000000));
    }
    const std::uint32_t rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1);
    return static_cast<std::uint16_t>(sign | rounded >> 13);
  }
  static inline Floats LoadHalf(const std::uint8_t* p) {
    return Each<Floats>([p](int i) {
      std::uint16_t h;
      std::memcpy(&h, p + 2 * i, sizeof h);
      return FromHalf(h);
    });
  }
  static inline Floats LoadBrain(const std::uint8_t* p) {
    return Each<Floats>([p](int i) {
      std::uint16_t h;
      std::memcpy(&h, p + 2 * i, sizeof h);
      const std::uint32_t bits = static_cast<std::uint32_t>(h) << 16;
      float value;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    });
  }
  static inline void StoreHalf(std::uint16_t* p, Floats v) {
    for (int i = 0; i < kRows; ++i) p[i] = ToHalf(v.v[i]);
  }
  static inline Floats LoadU8(const std::uint8_t* p) {
    return Each<Floats>([p](int i) { return static_cast<float>(p[i]); });
  }
  static inline Floats LoadI8(const std::uint8_t* p) {
    return Each<Floats>([p](int i) { return static_cast<float>(static_cast<std::int8_t>(p[i])); });
  }
  static inline Floats Add(Floats a, Floats b) {
    return Each<Floats>([a, b](int i) { return a.v[i] + b.v[i]; });
  }
  static inline Floats Sub(Floats a, Floats b) {
    return Each<Floats>([a, b](int i) { return a.v[i] - b.v[i]; });
  }
  static inline Floats Mul(Floats a, Floats b) {
    return Each<Floats>([a, b](int i) { return a.v[i] * b.v[i]; });
  }
  static inline Floats Div(Floats a, Floats b) {
    return Each<Floats>([a, b](int i) { return a.v[i] / b.v[i]; });
  }
  static inline Floats Max(Floats a, Floats b) {
    return Each<Floats>([a, b](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  static inline Floats Min(Floats a, Floats b) {
    return Each<Floats>([a, b](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
  }
  static inline Floats Abs(Floats a) {
    return Each<Floats>([a](int i) { return a.v[i] < 0 ? -a.v[i] : a.v[i]; });
  }
  static inline Floats MulAdd(Floats a, Floats b, Floats c) {
    return Each<Floats>([a, b, c](int i) { return a.v[i] * b.v[i] + c.v[i]; });
  }
  static inline Floats NegMulAdd(Floats a, Floats b, Floats c) {
    return Each<Floats>([a, b, c](int i) { return c.v[i] - a.v[i] * b.v[i]; });
  }
  static inline Floats Round(Floats a) {
    return Each<Floats>([a](int i) { return nearbyintf(a.v[i]); });
  }
  static inline Floats TimesPowerOf2(Floats a, Floats n) {
    return Each<Floats>([a, n](int i) { return ldexpf(a.v[i], static_cast<int>(n.v[i])); });
  }
  static inline Floats ZeroWhereBelow(Floats a, Floats x, Floats limit) {
    return Each<Floats>([a, x, limit](int i) { return x.v[i] < limit.v[i] ? 0.0f : a.v[i]; });
  }
  static inline float ReduceAdd(Floats a) {
    float sum = 0;
    for (const float x : a.v) sum += x;
    return sum;
  }
  static inline float ReduceMax(Floats a) {
    float largest = a.v[0];
    for (const float x : a.v) largest = x > largest ? x : largest;
    return largest;
  }
  static inline Ints ZeroInts() {
    return Each<Ints>([](int) { return 0; });
  }
  static inline Ints AddInts(Ints a, Ints b) {
    return Each<Ints>([a, b](int i) { return a.v[i] + b.v[i]; });
  }
  static inline Floats ToFloats(Ints a) {
    return Each<Floats>([a](int i) { return static_cast<float>(a.v[i]); });
  }
  static inline Ints RoundToInts(Floats a) {
    return Each<Ints>([a](int i) { return static_cast<std::int32_t>(nearbyintf(a.v[i])); });
  }
  static inline std::int32_t ReduceAddInts(Ints a) {
    std::int64_t sum = 0;
    for (const std::int32_t x : a.v) sum += x;
    return static_cast<std::int32_t>(sum);
  }
  static inline void StoreAsInt8(std::int8_t* p, Ints a) {
    for (int i = 0; i < kRows; ++i) p[i] = static_cast<std::int8_t>(a.v[i]);
  }
  static inline Floats Opaque(Floats a) {
    asm("" : "+m"(a));
    return a;
  }
  static inline Bytes OpaqueBytes(Bytes a) {
    asm("" : "+m"(a));
    return a;
  }
};

}  // namespace

extern const KernelSet kScalarKernels;
const KernelSet kScalarKernels = MakeKernelSet<Scalar>("scalar", "plain multiply and add");

}  // namespace inferometer::cpu
