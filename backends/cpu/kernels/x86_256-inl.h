// The vector layer on 256-bit registers, apart from the int8 dot, which has several forms.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_X86_256_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_X86_256_INL_H_

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace inferometer::cpu {
namespace {

struct X86Vector256 {
  using Bytes = __m256i;
  using Ints = __m256i;
  using Floats = __m256;
  static constexpr int kRows = 8;
  // 16 registers: 4 columns x (16-bit sum, float sum) leave 8 for codes, masks and scales.
  static constexpr int kColumns = 4, kTileGroups = 1;
  // Floats alone: 2 groups x 6 columns = 12 sums, beside 2 weights and what is broadcast.
  static constexpr int kFloatColumns = 6, kFloatGroups = 2;
  static constexpr int kStreams = 4;
  // 16 registers: 4 query rows x 2 vectors, beside keys or values and what is broadcast.
  static constexpr int kQueryTile = 4, kSums = 8;

  static inline Bytes LoadBytes(const std::uint8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static inline void StoreBytes(std::uint8_t* p, Bytes v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static inline Bytes BroadcastQuad(const std::int8_t* p) {
    std::int32_t quad;
    std::memcpy(&quad, p, sizeof quad);
    return _mm256_set1_epi32(quad);
  }
  template <int kMask>
  static inline Bytes AndMask(Bytes v) {
    return _mm256_and_si256(v, _mm256_set1_epi8(static_cast<char>(kMask)));
  }
  // Shifts of 16-bit lanes: bits that cross a byte are masked away by the caller.
  template <int kBits>
  static inline Bytes ShiftRight(Bytes v) {
    return _mm256_srli_epi16(v, kBits);
  }
  template <int kBits>
  static inline Bytes ShiftLeft(Bytes v) {
    return _mm256_slli_epi16(v, kBits);
  }
  // table[v] of each byte, of values below 16.
  static inline Bytes LookUp(const std::uint8_t (&table)[16], Bytes v) {
    const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(values), v);
  }
  static inline Bytes Or(Bytes a, Bytes b) { return _mm256_or_si256(a, b); }
  static inline Bytes Xor(Bytes a, Bytes b) { return _mm256_xor_si256(a, b); }

  static inline Floats Set(float x) { return _mm256_set1_ps(x); }
  static inline Floats LoadFloats(const float* p) { return _mm256_loadu_ps(p); }
  static inline void StoreFloats(float* p, Floats v) { _mm256_storeu_ps(p, v); }
  static inline Floats LoadHalf(const std::uint8_t* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static inline Floats LoadBrain(const std::uint8_t* p) {
    const __m256i wide =
        _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
  }
  static inline Floats LoadU8(const std::uint8_t* p) {
    return _mm256_cvtepi32_ps(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
  }
  static inline Floats LoadI8(const std::uint8_t* p) {
    return _mm256_cvtepi32_ps(
        _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
  }
  static inline void StoreHalf(std::uint16_t* p, Floats v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p),
                     _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static inline Floats Add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
  static inline Floats Sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
  static inline Floats Mul(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
  static inline Floats Div(Floats a, Floats b) { return _mm256_div_ps(a, b); }
  static inline Floats Max(Floats a, Floats b) { return _mm256_max_ps(a, b); }
  static inline Floats Min(Floats a, Floats b) { return _mm256_min_ps(a, b); }
  static inline Floats Abs(Floats a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
  static inline Floats MulAdd(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
  static inline Floats NegMulAdd(Floats a, Floats b, Floats c) { return _mm256_fnmadd_ps(a, b, c); }
  static inline Floats Round(Floats v) {
    return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static inline Floats TimesPowerOf2(Floats v, Floats n) {
    return _mm256_castsi256_ps(
        _mm256_add_epi32(_mm256_castps_si256(v), _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23)));
  }
  static inline Floats ZeroWhereBelow(Floats v, Floats x, Floats limit) {
    return _mm256_andnot_ps(_mm256_cmp_ps(x, limit, _CMP_LT_OQ), v);
  }
  static inline float ReduceAdd(Floats v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
  static inline float ReduceMax(Floats v) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
  }

  static inline Ints ZeroInts() { return _mm256_setzero_si256(); }
  static inline Ints AddInts(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
  static inline Floats ToFloats(Ints v) { return _mm256_cvtepi32_ps(v); }
  static inline Ints RoundToInts(Floats v) { return _mm256_cvtps_epi32(v); }
  static inline std::int32_t ReduceAddInts(Ints v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
  }
  static inline void StoreAsInt8(std::int8_t* p, Ints v) {
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(words, words));
  }

  // The same value, but one the compiler knows nothing about.
  static inline Floats Opaque(Floats v) {
    asm("" : "+x"(v));
    return v;
  }
  // Keeps `v` in its register up to here. A multiply-add then overwrites its sum, not its factor,
  // for which Clang moves sums about and runs out of registers.
  static inline void Use(Floats v) { asm volatile("" : : "x"(v)); }
  static inline Bytes OpaqueBytes(Bytes v) {
    asm("" : "+x"(v));
    return v;
  }
  static inline Ints OpaqueInts(Ints v) {
    asm volatile("" : "+x"(v));
    return v;
  }

  // Probes (probes-inl.h). 16 registers hold up to 12 chains beside their operands.
  static constexpr bool kPastCaches = true;
  static constexpr int kPeakChains = 12, kPeakDots = 10;
  static inline void StreamBytes(std::uint8_t* p, Bytes v) {
    _mm256_stream_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static inline void StreamFloats(float* p, Floats v) { _mm256_stream_ps(p, v); }
  static inline void DrainStores() { _mm_sfence(); }
};

}  // namespace
}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_X86_256_INL_H_
