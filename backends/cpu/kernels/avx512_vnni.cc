// AVX-512 with VNNI: 16 rows a group.
#include "backends/cpu/kernels/avx512_vnni-inl.h"

namespace inferometer::cpu {

extern const KernelSet kAvx512VnniKernels;
const KernelSet kAvx512VnniKernels = MakeKernelSet<Avx512Vnni>("avx512_vnni", "vpdpbusd zmm");

}  // namespace inferometer::cpu
