// The fp16 peak of AVX512-FP16.
#include <immintrin.h>

#include "backends/cpu/kernels/chains-inl.h"

namespace inferometer::cpu {

double Avx512Fp16Chain(std::int64_t operations);

// VFMADD213PH on 32 halves. Latency 4 at two a cycle (uops.info: Sapphire Rapids): 12 chains of
// x -> x / 2 + 1 / 2, which go to 1.
double Avx512Fp16Chain(std::int64_t operations) {
  struct Sum {
    using Value = __m512h;
  };
  __m512i half = _mm512_set1_epi16(0x3800);
  asm volatile("" : "+v"(half));
  const __m512h factor = _mm512_castsi512_ph(half);
  const __m512h total = RunChains<Sum, 12>(
      operations, 2 * 32,
      [] {
        __m512i start = _mm512_set1_epi16(0x3e00);  // 1.5
        asm volatile("" : "+v"(start));
        return _mm512_castsi512_ph(start);
      },
      [factor](const __m512h& x) { return _mm512_fmadd_ph(x, factor, factor); },
      [](const __m512h& a, const __m512h& b) { return _mm512_add_ph(a, b); });
  return static_cast<double>(_mm512_reduce_add_ph(total));
}

}  // namespace inferometer::cpu
