// Which instruction sets this processor and this operating system can run.
#ifndef INFEROMETER_HARNESS_BASE_CPU_FEATURES_H_
#define INFEROMETER_HARNESS_BASE_CPU_FEATURES_H_

#include <string>
#include <vector>

namespace inferometer {

struct CpuFeatures {
  // x86-64; each implies that the operating system saves the registers it needs.
  bool avx2 = false;  // with fma and f16c
  bool avx_vnni = false;
  bool avx512 = false;  // f, bw, vl, dq
  bool avx512_vnni = false;
  bool avx512_bf16 = false;
  bool avx512_fp16 = false;
  bool amx_int8 = false;  // and the system lets this process use tiles
  bool amx_bf16 = false;  // the same
  // AArch64
  bool neon = false;
  bool dotprod = false;
  bool i8mm = false;
  bool bf16 = false;
  bool fp16 = false;
  bool sve = false;
};

CpuFeatures ReadCpuFeatures();
// Their names, for people: {"avx2", "avx512_vnni"}.
std::vector<std::string> NamesOf(const CpuFeatures& features);
// The processor's brand string, "unknown CPU" when the system does not tell.
std::string CpuName();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_CPU_FEATURES_H_
