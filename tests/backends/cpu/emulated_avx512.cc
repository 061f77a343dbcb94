// The AVX-512 kernels compiled against SIMDe (SIMD Everywhere), which computes each intrinsic
// portably: their arithmetic is tested on every machine, whatever its processor.
#define SIMDE_ENABLE_NATIVE_ALIASES
#define INFEROMETER_INTRINSICS_HEADER "tests/backends/cpu/simde_intrinsics.h"
#include "backends/cpu/kernels/avx512_vnni-inl.h"

namespace inferometer::cpu {

extern const KernelSet kEmulatedAvx512Kernels;
const KernelSet kEmulatedAvx512Kernels = MakeKernelSet<Avx512Vnni>("avx512_vnni_emulated", "SIMDe");

}  // namespace inferometer::cpu
