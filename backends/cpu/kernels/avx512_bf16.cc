// AVX-512 with BF16: what avx512_vnni multiplies bf16 weights with, where the processor has it.
#include "backends/cpu/kernels/avx512_vnni-inl.h"
#include "backends/cpu/kernels/brain-inl.h"

namespace inferometer::cpu {
namespace {

struct Avx512Bf16 : Avx512Vnni {
  static constexpr int kBrainChains = 4;
  static inline Floats DotBrain(Floats sum, Bytes w, Bytes x) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(w), reinterpret_cast<__m512bh>(x));
  }
  static inline void StoreBrain(std::uint16_t* p, Floats v) {
    const auto brains = _mm512_cvtneps_pbh(v);
    std::memcpy(p, &brains, sizeof brains);
  }
};

}  // namespace

void AddAvx512Bf16(KernelSet& set);
void AddAvx512Bf16(KernelSet& set) { AddBrain<Avx512Bf16>(set, "vdpbf16ps"); }

}  // namespace inferometer::cpu
