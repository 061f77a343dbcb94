// The vector layer on 512-bit registers with the four-way dot. Tests compile it with another name
// for the intrinsics' header, so that it runs without such a processor.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_AVX512_VNNI_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_AVX512_VNNI_INL_H_

#ifdef INFEROMETER_INTRINSICS_HEADER
#include INFEROMETER_INTRINSICS_HEADER
#define INFEROMETER_ANY_ZMM "+m"
#else
#include <immintrin.h>
#define INFEROMETER_ANY_ZMM "+v"
#endif

#include <cstdint>
#include <cstring>

#include "backends/cpu/kernels/kernel_set-inl.h"

namespace inferometer::cpu {
namespace {

// VPDPBUSD sums four products of unsigned codes and signed activations straight into 32 bits.
// 8-bit codes are stored with 128 added, which the sums of the activations take out again.
struct Avx512Vnni {
  using Bytes = __m512i;
  using Ints = __m512i;
  using Floats = __m512;
  using Partial = Ints;
  static constexpr int kRows = 16;
  static constexpr bool kOffsetQ8 = true;
  // 32 registers: 2 groups x 4 columns x (integer sum, float sum) = 16, beside codes and scales.
  static constexpr int kColumns = 4, kTileGroups = 2;
  // Floats alone: 2 groups x 12 columns = 24 sums, beside 2 weights and what is broadcast.
  static constexpr int kFloatColumns = 12, kFloatGroups = 2;
  static constexpr int kStreams = 4;
  // 32 registers: 8 query rows x 2 vectors, beside keys or values and what is broadcast.
  static constexpr int kQueryTile = 8, kSums = 16;
  static constexpr bool kFusedDot = true, kPastCaches = true;
  static constexpr int kPeakChains = 12, kPeakDots = 12;

  static inline Bytes LoadBytes(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
  static inline void StoreBytes(std::uint8_t* p, Bytes v) { _mm512_storeu_si512(p, v); }
  static inline Bytes BroadcastQuad(const std::int8_t* p) {
    std::int32_t quad;
    std::memcpy(&quad, p, sizeof quad);
    return _mm512_set1_epi32(quad);
  }
  template <int kMask>
  static inline Bytes AndMask(Bytes v) {
    return _mm512_and_si512(v, _mm512_set1_epi8(static_cast<char>(kMask)));
  }
  template <int kBits>
  static inline Bytes ShiftRight(Bytes v) {
    return _mm512_srli_epi16(v, kBits);
  }
  template <int kBits>
  static inline Bytes ShiftLeft(Bytes v) {
    return _mm512_slli_epi16(v, kBits);
  }
  static inline Bytes LookUp(const std::uint8_t (&table)[16], Bytes v) {
    const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(values), v);
  }
  static inline Bytes Or(Bytes a, Bytes b) { return _mm512_or_si512(a, b); }
  static inline Bytes Xor(Bytes a, Bytes b) { return _mm512_xor_si512(a, b); }

  template <int kBits>
  static constexpr int Steps() {
    return 8;
  }
  static inline Partial Begin(Ints sum) { return sum; }
  static inline Partial DotStep(Partial p, Bytes w, Bytes x) {
    return _mm512_dpbusd_epi32(p, w, x);
  }
  static inline Partial DotStep8(Partial p, Bytes w, Bytes x) { return DotStep(p, w, x); }
  static inline Ints End(Ints, Partial p) { return p; }

  // Byte kByte of each lane, as a number.
  template <int kByte>
  static inline Floats ByteOf(Bytes v) {
    if (kByte > 0) v = _mm512_srli_epi32(v, 8 * kByte);
    if (kByte < 3) v = _mm512_and_si512(v, _mm512_set1_epi32(0xff));
    return _mm512_cvtepi32_ps(v);
  }
  // In each lane both numbers as bf16, halves away from zero, which takes half the instructions of
  // rounding to even.
  static inline Bytes BrainPairs(Floats low, Floats high) {
    const __m512i half = _mm512_set1_epi32(0x8000), top = _mm512_set1_epi32(-0x10000);
    const __m512i a = _mm512_add_epi32(_mm512_castps_si512(low), half);
    const __m512i b = _mm512_add_epi32(_mm512_castps_si512(high), half);
    return _mm512_or_si512(_mm512_srli_epi32(a, 16), _mm512_and_si512(b, top));
  }

  // The numbers of BrainPairs again.
  static inline Floats LowBrains(Bytes pairs) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
  }
  static inline Floats HighBrains(Bytes pairs) {
    return _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32(-0x10000)));
  }

  static inline Floats Set(float x) { return _mm512_set1_ps(x); }
  static inline Floats LoadFloats(const float* p) { return _mm512_loadu_ps(p); }
  static inline void StoreFloats(float* p, Floats v) { _mm512_storeu_ps(p, v); }
  static inline Floats LoadHalf(const std::uint8_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static inline Floats LoadBrain(const std::uint8_t* p) {
    const __m512i wide =
        _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
  }
  static inline Floats LoadU8(const std::uint8_t* p) {
    return _mm512_cvtepi32_ps(
        _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }
  static inline Floats LoadI8(const std::uint8_t* p) {
    return _mm512_cvtepi32_ps(
        _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }
  static inline void StoreHalf(std::uint16_t* p, Floats v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                        _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static inline Floats Add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
  static inline Floats Sub(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
  static inline Floats Mul(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
  static inline Floats Div(Floats a, Floats b) { return _mm512_div_ps(a, b); }
  static inline Floats Max(Floats a, Floats b) { return _mm512_max_ps(a, b); }
  static inline Floats Min(Floats a, Floats b) { return _mm512_min_ps(a, b); }
  static inline Floats Abs(Floats a) { return _mm512_abs_ps(a); }
  static inline Floats MulAdd(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
  static inline Floats NegMulAdd(Floats a, Floats b, Floats c) { return _mm512_fnmadd_ps(a, b, c); }
  static inline Floats Round(Floats v) {
    return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static inline Floats TimesPowerOf2(Floats v, Floats n) {
    return _mm512_castsi512_ps(
        _mm512_add_epi32(_mm512_castps_si512(v), _mm512_slli_epi32(_mm512_cvtps_epi32(n), 23)));
  }
  static inline Floats ZeroWhereBelow(Floats v, Floats x, Floats limit) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, limit, _CMP_GE_OQ), v);
  }
  static inline float ReduceAdd(Floats v) { return _mm512_reduce_add_ps(v); }
  static inline float ReduceMax(Floats v) { return _mm512_reduce_max_ps(v); }

  static inline Ints ZeroInts() { return _mm512_setzero_si512(); }
  static inline Ints AddInts(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
  static inline Floats ToFloats(Ints v) { return _mm512_cvtepi32_ps(v); }
  static inline Ints RoundToInts(Floats v) { return _mm512_cvtps_epi32(v); }
  static inline std::int32_t ReduceAddInts(Ints v) { return _mm512_reduce_add_epi32(v); }
  static inline void StoreAsInt8(std::int8_t* p, Ints v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtsepi32_epi8(v));
  }
  static inline Floats Opaque(Floats v) {
    asm("" : INFEROMETER_ANY_ZMM(v));
    return v;
  }
  static inline Bytes OpaqueBytes(Bytes v) {
    asm("" : INFEROMETER_ANY_ZMM(v));
    return v;
  }
  static inline Ints OpaqueInts(Ints v) {
    asm volatile("" : INFEROMETER_ANY_ZMM(v));
    return v;
  }
  static inline void StreamBytes(std::uint8_t* p, Bytes v) {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(p), v);
  }
  static inline void StreamFloats(float* p, Floats v) { _mm512_stream_ps(p, v); }
  static inline void DrainStores() { _mm_sfence(); }
};

}  // namespace
}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_AVX512_VNNI_INL_H_
