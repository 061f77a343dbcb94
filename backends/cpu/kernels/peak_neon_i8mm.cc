// The int8 peak of Armv8.6's matrix multiplication.
#include <arm_neon.h>

#include "backends/cpu/kernels/chains-inl.h"

namespace inferometer::cpu {

double NeonInt8MatrixChain(std::int64_t operations);

// SMMLA multiplies 2 x 8 with 8 x 2 into 2 x 2 sums. Latency 3 at up to four a cycle (Arm's
// software optimization guides): 24 chains.
double NeonInt8MatrixChain(std::int64_t operations) {
  struct Sum {
    using Value = int32x4_t;
  };
  int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(-2);
  asm volatile("" : "+w"(a), "+w"(b));
  const int32x4_t total = RunChains<Sum, 24>(
      operations, 2 * 32,
      [] {
        int32x4_t zero = vdupq_n_s32(0);
        asm volatile("" : "+w"(zero));
        return zero;
      },
      [a, b](const int32x4_t& sum) { return vmmlaq_s32(sum, a, b); },
      [](const int32x4_t& x, const int32x4_t& y) { return vaddq_s32(x, y); });
  return static_cast<double>(vaddvq_s32(total));
}

}  // namespace inferometer::cpu
