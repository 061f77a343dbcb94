// Whether a device computes one op of a model as the reference does, at the size it is timed at.
#ifndef INFEROMETER_HARNESS_KERNELS_CHECK_KERNEL_H_
#define INFEROMETER_HARNESS_KERNELS_CHECK_KERNEL_H_

#include "backends/device.h"
#include "harness/kernels/case_data.h"
#include "harness/kernels/kernel_case.h"

namespace inferometer {

struct KernelCheck {
  double nmse = 0;  // infinite when an index differs or a value is not finite
  double limit = 0;
  bool Pass() const { return nmse <= limit; }
};

// Runs the whole case on the device and holds a sample of the results against the reference: up to
// four tokens (the first and the last among them), and up to 64 rows of a matrix (likewise). Each
// result depends on its own token and row alone, so the reference computes only those: a prefill of
// a large matrix would take it minutes. Throws Error when a device fails.
KernelCheck CheckKernel(Device& device, Device& reference, const KernelCase& c,
                        const CaseData& data);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_KERNELS_CHECK_KERNEL_H_
