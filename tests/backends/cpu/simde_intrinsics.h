// AVX-512 intrinsics in portable C: SIMDe's, and those that its version in Debian 12 lacks.
#ifndef INFEROMETER_TESTS_BACKENDS_CPU_SIMDE_INTRINSICS_H_
#define INFEROMETER_TESTS_BACKENDS_CPU_SIMDE_INTRINSICS_H_

#include <simde/x86/avx512.h>
#include <simde/x86/f16c.h>

#include <cmath>
#include <cstdint>
#include <cstring>

namespace simde_missing {

template <typename To, typename From, typename Out, typename In, typename F>
Out Convert(In in, F f) {
  From from[16];
  To to[16];
  std::memcpy(from, &in, sizeof from);
  for (int i = 0; i < 16; ++i) to[i] = f(from[i]);
  Out out;
  std::memcpy(&out, to, sizeof out);
  return out;
}

template <typename T, typename In, typename F>
T Reduce(In in, F f) {
  T lanes[16];
  std::memcpy(lanes, &in, sizeof lanes);
  for (int width = 8; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) lanes[i] = f(lanes[i], lanes[i + width]);
  }
  return lanes[0];
}

inline __m512 HalvesToFloats(__m256i v) {
  return Convert<float, std::uint16_t, __m512>(
      v, [](std::uint16_t h) { return simde_float16_to_float32(simde_uint16_as_float16(h)); });
}
inline __m256i FloatsToHalves(__m512 v) {
  return Convert<std::uint16_t, float, __m256i>(
      v, [](float x) { return simde_float16_as_uint16(simde_float16_from_float32(x)); });
}

}  // namespace simde_missing

#define _MM_FROUND_NO_EXC SIMDE_MM_FROUND_NO_EXC
#define _mm512_cvtph_ps(v) simde_missing::HalvesToFloats(v)
#define _mm512_cvtps_ph(v, rounding) simde_missing::FloatsToHalves(v)
#define _mm512_cvtepu16_epi32(v)                                   \
  simde_missing::Convert<std::uint32_t, std::uint16_t, __m512i>(v, \
                                                                [](std::uint16_t x) { return x; })
#define _mm512_cvtepu8_epi32(v) \
  simde_missing::Convert<std::uint32_t, std::uint8_t, __m512i>(v, [](std::uint8_t x) { return x; })
#define _mm512_cvtepi8_epi32(v) \
  simde_missing::Convert<std::int32_t, std::int8_t, __m512i>(v, [](std::int8_t x) { return x; })
#define _mm512_cvtepi32_ps(v)                          \
  simde_missing::Convert<float, std::int32_t, __m512>( \
      v, [](std::int32_t x) { return static_cast<float>(x); })
#define _mm512_cvtps_epi32(v)                           \
  simde_missing::Convert<std::int32_t, float, __m512i>( \
      v, [](float x) { return static_cast<std::int32_t>(std::nearbyint(x)); })
#define _mm512_reduce_add_ps(v) \
  simde_missing::Reduce<float>(v, [](float a, float b) { return a + b; })
#define _mm512_reduce_max_ps(v) \
  simde_missing::Reduce<float>(v, [](float a, float b) { return a > b ? a : b; })
#define _mm512_reduce_add_epi32(v) \
  simde_missing::Reduce<std::int32_t>(v, [](std::int32_t a, std::int32_t b) { return a + b; })

#define _mm512_stream_si512(p, v) _mm512_storeu_si512(p, v)
#define _mm512_stream_ps(p, v) _mm512_storeu_ps(p, v)

#endif  // INFEROMETER_TESTS_BACKENDS_CPU_SIMDE_INTRINSICS_H_
