// NEON with BF16 (Armv8.6 and later, or Armv8.2 with it): what the sets with dot products multiply
// bf16 weights with, where the processor has it.
#include "backends/cpu/kernels/brain-inl.h"
#include "backends/cpu/kernels/neon-inl.h"

namespace inferometer::cpu {
namespace {

struct NeonBf16 : NeonVector {
  static constexpr int kBrainChains = 2;  // of two registers each; with 4, g++ 12 spills
  static inline Floats DotBrain(Floats sum, Bytes w, Bytes x) {
    for (int i = 0; i < 2; ++i) {
      sum.val[i] =
          vbfdotq_f32(sum.val[i], vreinterpretq_bf16_u8(w.val[i]), vreinterpretq_bf16_u8(x.val[i]));
    }
    return sum;
  }
  static inline void StoreBrain(std::uint16_t* p, Floats v) {
    const bfloat16x8_t brains = vcvtq_high_bf16_f32(vcvtq_low_bf16_f32(v.val[0]), v.val[1]);
    vst1q_u16(p, vreinterpretq_u16_bf16(brains));
  }
};

}  // namespace

void AddNeonBf16(KernelSet& set);
void AddNeonBf16(KernelSet& set) { AddBrain<NeonBf16>(set, "bfdot"); }

}  // namespace inferometer::cpu
