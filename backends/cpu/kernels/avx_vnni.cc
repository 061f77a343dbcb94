// AVX-VNNI: the four-way dot on 256-bit registers; 8 rows a group.
#include <immintrin.h>

#include "backends/cpu/kernels/kernel_set-inl.h"
#include "backends/cpu/kernels/x86_256-inl.h"

namespace inferometer::cpu {
namespace {

// VPDPBUSD sums four products of unsigned codes and signed activations straight into 32 bits.
// 8-bit codes are stored with 128 added, which the sums of the activations take out again.
struct AvxVnni : X86Vector256 {
  static constexpr bool kOffsetQ8 = true;
  using Partial = Ints;
  static constexpr bool kFusedDot = true;

  template <int kBits>
  static constexpr int Steps() {
    return 8;
  }
  static inline Partial Begin(Ints sum) { return sum; }
  static inline Partial DotStep(Partial p, Bytes w, Bytes x) {
    return _mm256_dpbusd_avx_epi32(p, w, x);
  }
  static inline Partial DotStep8(Partial p, Bytes w, Bytes x) { return DotStep(p, w, x); }
  static inline Ints End(Ints, Partial p) { return p; }
};

}  // namespace

extern const KernelSet kAvxVnniKernels;
const KernelSet kAvxVnniKernels = MakeKernelSet<AvxVnni>("avx_vnni", "vpdpbusd ymm");

}  // namespace inferometer::cpu
