// The bf16 peak of AVX512-BF16.
#include <immintrin.h>

#include "backends/cpu/kernels/chains-inl.h"

namespace inferometer::cpu {

double Avx512Bf16Chain(std::int64_t operations);

// VDPBF16PS sums two products into each of 16 floats. Latency 4 to 6 at up to two a cycle
// (uops.info: Cooper Lake, Sapphire Rapids, Zen 4, Zen 5): 12 chains.
double Avx512Bf16Chain(std::int64_t operations) {
  struct Sum {
    using Value = __m512;
  };
  // 0x3a80 is 2^-10: the sums grow until an addition is lost in rounding, far from any limit.
  __m512i bits = _mm512_set1_epi16(0x3a80);
  asm volatile("" : "+v"(bits));
  const auto factor = reinterpret_cast<__m512bh>(bits);
  const __m512 total = RunChains<Sum, 12>(
      operations, 2 * 32,
      [] {
        __m512 one = _mm512_set1_ps(1.0f);
        asm volatile("" : "+v"(one));
        return one;
      },
      [factor](const __m512& sum) { return _mm512_dpbf16_ps(sum, factor, factor); },
      [](const __m512& a, const __m512& b) { return _mm512_add_ps(a, b); });
  return static_cast<double>(_mm512_reduce_add_ps(total));
}

}  // namespace inferometer::cpu
