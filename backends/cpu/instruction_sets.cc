// The instruction sets compiled for this architecture, one line each, and the peaks beyond them.
#include "backends/cpu/cpu.h"
#include "backends/cpu/peaks.h"

namespace inferometer::cpu {

extern const KernelSet kScalarKernels;
#if defined(__x86_64__)
extern const KernelSet kAvx2Kernels, kAvxVnniKernels, kAvx512VnniKernels;
double Avx512Bf16Chain(std::int64_t operations);
double Avx512Fp16Chain(std::int64_t operations);
double AmxBf16Chain(std::int64_t operations);
double AmxInt8Chain(std::int64_t operations);
void AddAvx512Bf16(KernelSet& set);
void AddAmx(KernelSet& set);
#elif defined(__aarch64__)
extern const KernelSet kNeonKernels, kNeonDotprodKernels, kNeonI8mmKernels;
double NeonFp16Chain(std::int64_t operations);
double NeonBf16Chain(std::int64_t operations);
double NeonBf16MatrixChain(std::int64_t operations);
double NeonInt8MatrixChain(std::int64_t operations);
void AddNeonBf16(KernelSet& set);
#endif

std::span<const InstructionSet> InstructionSets() {
  static constexpr InstructionSet kSets[] = {
#if defined(__x86_64__)
      {&kAvx512VnniKernels, [](const CpuFeatures& f) { return f.avx512_vnni; }},
      {&kAvxVnniKernels, [](const CpuFeatures& f) { return f.avx_vnni; }},
      {&kAvx2Kernels, [](const CpuFeatures& f) { return f.avx2; }},
#elif defined(__aarch64__)
      {&kNeonI8mmKernels, [](const CpuFeatures& f) { return f.i8mm && f.dotprod; }},
      {&kNeonDotprodKernels, [](const CpuFeatures& f) { return f.dotprod; }},
      {&kNeonKernels, [](const CpuFeatures& f) { return f.neon; }},
#endif
      {&kScalarKernels, [](const CpuFeatures&) { return true; }},
  };
  return kSets;
}

std::span<const ExtraKernels> AllExtraKernels() {
#if defined(__x86_64__)
  static constexpr ExtraKernels kExtras[] = {
      {"avx512_vnni", AddAvx512Bf16, [](const CpuFeatures& f) { return f.avx512_bf16; }},
      {"avx512_vnni", AddAmx, [](const CpuFeatures& f) { return f.amx_bf16 && f.avx512_bf16; }},
  };
  return kExtras;
#elif defined(__aarch64__)
  static constexpr ExtraKernels kExtras[] = {
      {"neon_i8mm", AddNeonBf16, [](const CpuFeatures& f) { return f.bf16; }},
      {"neon_dotprod", AddNeonBf16, [](const CpuFeatures& f) { return f.bf16; }},
  };
  return kExtras;
#else
  return {};
#endif
}

KernelSet WithExtras(const KernelSet& kernels, const CpuFeatures& features) {
  KernelSet all = kernels;
  for (const ExtraKernels& extra : AllExtraKernels()) {
    if (extra.set == kernels.name && extra.runs_on(features)) extra.add(all);
  }
  return all;
}

std::span<const ExtraPeak> ExtraPeaks() {
#if defined(__x86_64__)
  static constexpr ExtraPeak kPeaks[] = {
      {"avx512_vnni", NumberType::kBf16, false, "vdpbf16ps zmm", Avx512Bf16Chain,
       [](const CpuFeatures& f) { return f.avx512_bf16; }},
      {"avx512_vnni", NumberType::kFp16, false, "vfmadd213ph zmm", Avx512Fp16Chain,
       [](const CpuFeatures& f) { return f.avx512_fp16; }},
      {"avx512_vnni", NumberType::kBf16, true, "tdpbf16ps", AmxBf16Chain,
       [](const CpuFeatures& f) { return f.amx_bf16; }},
      {"avx512_vnni", NumberType::kInt8, true, "tdpbssd", AmxInt8Chain,
       [](const CpuFeatures& f) { return f.amx_int8; }},
  };
  return kPeaks;
#elif defined(__aarch64__)
  static constexpr ExtraPeak kPeaks[] = {
      {"neon_i8mm", NumberType::kFp16, false, "fmla 8h", NeonFp16Chain,
       [](const CpuFeatures& f) { return f.fp16; }},
      {"neon_i8mm", NumberType::kBf16, false, "bfdot", NeonBf16Chain,
       [](const CpuFeatures& f) { return f.bf16; }},
      {"neon_i8mm", NumberType::kBf16, true, "bfmmla", NeonBf16MatrixChain,
       [](const CpuFeatures& f) { return f.bf16; }},
      {"neon_i8mm", NumberType::kInt8, true, "smmla", NeonInt8MatrixChain,
       [](const CpuFeatures& f) { return f.i8mm; }},
      {"neon_dotprod", NumberType::kFp16, false, "fmla 8h", NeonFp16Chain,
       [](const CpuFeatures& f) { return f.fp16; }},
      {"neon_dotprod", NumberType::kBf16, false, "bfdot", NeonBf16Chain,
       [](const CpuFeatures& f) { return f.bf16; }},
      {"neon_dotprod", NumberType::kBf16, true, "bfmmla", NeonBf16MatrixChain,
       [](const CpuFeatures& f) { return f.bf16; }},
      {"neon_dotprod", NumberType::kInt8, true, "smmla", NeonInt8MatrixChain,
       [](const CpuFeatures& f) { return f.i8mm; }},
  };
  return kPeaks;
#else
  return {};
#endif
}

}  // namespace inferometer::cpu
