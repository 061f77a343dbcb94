// AVX2 with FMA and F16C: 8 rows a group.
#include <immintrin.h>

#include "backends/cpu/kernels/kernel_set-inl.h"
#include "backends/cpu/kernels/x86_256-inl.h"

namespace inferometer::cpu {
namespace {

// VPMADDUBSW multiplies unsigned codes with signed activations and adds pairs into 16 bits, which
// hold the sums of several steps: 8 steps x 2 products x 15 x 127 = 30480 for 4-bit codes. Signed
// 8-bit codes give their sign to the activations first. Sums are opaque, or compilers keep all
// products and add them up at the end, which takes more registers than there are.
struct Avx2 : X86Vector256 {
  static constexpr bool kOffsetQ8 = false;
  using Partial = __m256i;
  // VPMADDUBSW is followed by an addition of one cycle: 8 chains fill two pipes.
  static constexpr bool kFusedDot = false;
  static constexpr int kPeakWeights = 4, kPeakInputs = 2, kPeakSteps = 32;

  template <int kBits>
  static constexpr int Steps() {
    return kBits == 4 ? 8 : kBits == 5 ? 4 : kBits == 6 ? 2 : 1;
  }
  static inline Partial Begin(Ints) { return _mm256_setzero_si256(); }
  static inline Partial DotStep(Partial p, Bytes w, Bytes x) {
    return OpaqueBytes(_mm256_add_epi16(p, _mm256_maddubs_epi16(w, x)));
  }
  static inline Partial DotStep8(Partial p, Bytes w, Bytes x) {
    return DotStep(p, _mm256_sign_epi8(w, w), _mm256_sign_epi8(x, w));
  }
  static inline Ints End(Ints sum, Partial p) {
    return OpaqueBytes(_mm256_add_epi32(sum, _mm256_madd_epi16(p, _mm256_set1_epi16(1))));
  }
};

}  // namespace

extern const KernelSet kAvx2Kernels;
const KernelSet kAvx2Kernels = MakeKernelSet<Avx2>("avx2", "vpmaddubsw");

}  // namespace inferometer::cpu
