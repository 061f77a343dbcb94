// NEON with the dot product instructions (Armv8.2 and later): 8 rows a group.
#include "backends/cpu/kernels/neon_dotprod-inl.h"

namespace inferometer::cpu {

extern const KernelSet kNeonDotprodKernels;
const KernelSet kNeonDotprodKernels = MakeKernelSet<NeonDotprod>("neon_dotprod", "sdot");

}  // namespace inferometer::cpu
