// The fp16 peak of Armv8.2's half-precision arithmetic.
#include <arm_neon.h>

#include "backends/cpu/kernels/chains-inl.h"

namespace inferometer::cpu {

double NeonFp16Chain(std::int64_t operations);

// FMLA on 8 halves. Latency 4 at up to four a cycle (Arm's software optimization guides): 24 chains
// of x -> x + 2^-12, which grow until the addition is lost in rounding, at 2 or 4.
double NeonFp16Chain(std::int64_t operations) {
  struct Sum {
    using Value = float16x8_t;
  };
  float16x8_t factor = vdupq_n_f16(static_cast<float16_t>(0.015625f));
  asm volatile("" : "+w"(factor));
  const float16x8_t total = RunChains<Sum, 24>(
      operations, 2 * 8,
      [] {
        float16x8_t start = vdupq_n_f16(static_cast<float16_t>(1.5f));
        asm volatile("" : "+w"(start));
        return start;
      },
      [factor](const float16x8_t& x) { return vfmaq_f16(x, factor, factor); },
      [](const float16x8_t& a, const float16x8_t& b) { return vaddq_f16(a, b); });
  return static_cast<double>(vgetq_lane_f16(total, 0));
}

}  // namespace inferometer::cpu
