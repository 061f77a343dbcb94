// The int8 dot of Armv8.2 on the NEON vector layer.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_NEON_DOTPROD_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_NEON_DOTPROD_INL_H_

#include "backends/cpu/kernels/neon-inl.h"

namespace inferometer::cpu {
namespace {

// SDOT sums four signed products into each 32-bit lane. Codes below 8 bits are at most 63, so they
// mean the same signed and unsigned.
struct NeonDotprod : NeonVector {
  using Partial = Ints;
  static constexpr bool kFusedDot = true;

  template <int kBits>
  static constexpr int Steps() {
    return 8;
  }
  static inline Partial Begin(Ints sum) { return sum; }
  static inline Partial DotStep(Partial p, Bytes w, Bytes x) {
    return {{vdotq_s32(p.val[0], Signed(w.val[0]), Signed(x.val[0])),
             vdotq_s32(p.val[1], Signed(w.val[1]), Signed(x.val[1]))}};
  }
  static inline Partial DotStep8(Partial p, Bytes w, Bytes x) { return DotStep(p, w, x); }
  static inline Ints End(Ints, Partial p) { return p; }
};

}  // namespace
}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_NEON_DOTPROD_INL_H_
