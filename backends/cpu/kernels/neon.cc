// NEON without dot products (Armv8.0, such as Cortex-A53 and A72): 8 rows a group.
#include "backends/cpu/kernels/neon-inl.h"

namespace inferometer::cpu {
namespace {

// SMULL makes 16-bit products of 8 bytes, which hold two rows; SADALP adds neighbours into 32 bits.
// A row's four columns thus end in two lanes, which End adds up.
struct Neon : NeonVector {
  // Each chain has four sums of its own: 8 of them, beside products and factors.
  static constexpr bool kFusedDot = false;
  static constexpr int kPeakWeights = 2, kPeakInputs = 1, kPeakSteps = 8;
  struct Partial {
    int32x4_t rows[4];  // two lanes for each of rows 2i and 2i + 1
  };

  template <int kBits>
  static constexpr int Steps() {
    return 8;
  }
  static inline Partial Begin(Ints) {
    const int32x4_t zero = vdupq_n_s32(0);
    return {{zero, zero, zero, zero}};
  }
  static inline Partial DotStep(Partial p, Bytes w, Bytes x) {
    for (int i = 0; i < 2; ++i) {
      const int8x16_t a = Signed(w.val[i]), b = Signed(x.val[i]);
      p.rows[2 * i] = vpadalq_s16(p.rows[2 * i], vmull_s8(vget_low_s8(a), vget_low_s8(b)));
      p.rows[2 * i + 1] = vpadalq_s16(p.rows[2 * i + 1], vmull_high_s8(a, b));
    }
    return p;
  }
  static inline Partial DotStep8(Partial p, Bytes w, Bytes x) { return DotStep(p, w, x); }
  static inline Ints End(Ints sum, Partial p) {
    return {{vaddq_s32(sum.val[0], vpaddq_s32(p.rows[0], p.rows[1])),
             vaddq_s32(sum.val[1], vpaddq_s32(p.rows[2], p.rows[3]))}};
  }
};

}  // namespace

extern const KernelSet kNeonKernels;
const KernelSet kNeonKernels = MakeKernelSet<Neon>("neon", "smull, sadalp");

}  // namespace inferometer::cpu
