// The instruction sets compiled for this architecture, one line each.
#include "backends/cpu/cpu.h"

namespace inferometer::cpu {

extern const KernelSet kScalarKernels;
#if defined(__x86_64__)
extern const KernelSet kAvx2Kernels, kAvxVnniKernels, kAvx512VnniKernels;
#elif defined(__aarch64__)
extern const KernelSet kNeonKernels, kNeonDotprodKernels;
#endif

std::span<const InstructionSet> InstructionSets() {
  static constexpr InstructionSet kSets[] = {
#if defined(__x86_64__)
      {&kAvx512VnniKernels, [](const CpuFeatures& f) { return f.avx512_vnni; }},
      {&kAvxVnniKernels, [](const CpuFeatures& f) { return f.avx_vnni; }},
      {&kAvx2Kernels, [](const CpuFeatures& f) { return f.avx2; }},
#elif defined(__aarch64__)
      {&kNeonDotprodKernels, [](const CpuFeatures& f) { return f.dotprod; }},
      {&kNeonKernels, [](const CpuFeatures& f) { return f.neon; }},
#endif
      {&kScalarKernels, [](const CpuFeatures&) { return true; }},
  };
  return kSets;
}

}  // namespace inferometer::cpu
