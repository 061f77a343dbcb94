// What a device computes its peaks with: the chains of its kernel set, and those of number types
// that only some of the processors which run the set have.
#ifndef INFEROMETER_BACKENDS_CPU_PEAKS_H_
#define INFEROMETER_BACKENDS_CPU_PEAKS_H_

#include <span>
#include <string>
#include <string_view>

#include "backends/cpu/kernel_set.h"
#include "harness/base/cpu_features.h"
#include "models/op.h"

namespace inferometer::cpu {

// A peak beyond a kernel set's own two: one file under kernels/ and one line in peaks.cc.
struct ExtraPeak {
  std::string_view set;  // the kernel set whose devices have it
  NumberType type;
  bool matrix;
  std::string_view instruction;
  PeakChain chain;
  bool (*runs_on)(const CpuFeatures& features);
};
std::span<const ExtraPeak> ExtraPeaks();

class Peaks {
 public:
  Peaks(const KernelSet& kernels, const CpuFeatures& features);

  // Null when there is none.
  PeakChain Of(const ComputeProbe& probe) const;
  // Empty when there is one, else the reason in words.
  std::string WhyNot(const ComputeProbe& probe) const;

 private:
  const KernelSet& kernels_;
  const CpuFeatures features_;
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_PEAKS_H_
