// The bf16 peaks of Armv8.6's dot product and matrix multiplication.
#include <arm_neon.h>

#include "backends/cpu/kernels/chains-inl.h"

namespace inferometer::cpu {

double NeonBf16Chain(std::int64_t operations);
double NeonBf16MatrixChain(std::int64_t operations);

namespace {

struct Sum {
  using Value = float32x4_t;
};

// Latency 4 or 5 at up to four a cycle (Arm's software optimization guides): 24 chains. 0x3a80 is
// 2^-10: the sums grow until an addition is lost in rounding, far from any limit.
template <typename Step>
__attribute__((always_inline)) inline double FloatChains(std::int64_t operations, std::int64_t each,
                                                         Step step) {
  uint16x8_t bits = vdupq_n_u16(0x3a80);
  asm volatile("" : "+w"(bits));
  const bfloat16x8_t factor = vreinterpretq_bf16_u16(bits);
  const float32x4_t total = RunChains<Sum, 24>(
      operations, each,
      [] {
        float32x4_t one = vdupq_n_f32(1.0f);
        asm volatile("" : "+w"(one));
        return one;
      },
      [factor, step](const float32x4_t& sum) { return step(sum, factor); },
      [](const float32x4_t& a, const float32x4_t& b) { return vaddq_f32(a, b); });
  return static_cast<double>(vaddvq_f32(total));
}

}  // namespace

// BFDOT sums two products into each of 4 floats.
double NeonBf16Chain(std::int64_t operations) {
  return FloatChains(operations, 2 * 8, [](const float32x4_t& sum, const bfloat16x8_t& factor) {
    return vbfdotq_f32(sum, factor, factor);
  });
}

// BFMMLA multiplies 2 x 4 with 4 x 2 into 2 x 2 floats.
double NeonBf16MatrixChain(std::int64_t operations) {
  return FloatChains(operations, 2 * 16, [](const float32x4_t& sum, const bfloat16x8_t& factor) {
    return vbfmmlaq_f32(sum, factor, factor);
  });
}

}  // namespace inferometer::cpu
