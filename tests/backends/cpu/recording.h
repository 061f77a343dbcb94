// Kernels that write down what they were asked for, then do it.
#ifndef INFEROMETER_TESTS_BACKENDS_CPU_RECORDING_H_
#define INFEROMETER_TESTS_BACKENDS_CPU_RECORDING_H_

#include <mutex>
#include <vector>

#include "backends/cpu/cpu.h"

namespace inferometer::cpu {

struct Recorded {
  std::mutex mutex;
  std::vector<MatMulArgs> matmuls;
  std::vector<AttentionArgs> attentions;
};
inline Recorded& Records() {
  static Recorded recorded;
  return recorded;
}

// The scalar kernels, and the same with q8_0 products and f16 attention written down.
inline const KernelSet& Plain() { return *InstructionSets().back().kernels; }
inline KernelSet Recording() {
  KernelSet kernels = Plain();
  kernels.matmul[static_cast<int>(QuantId::kQ8_0)] = [](const MatMulArgs& args) {
    {
      const std::lock_guard lock(Records().mutex);
      Records().matmuls.push_back(args);
    }
    Plain().matmul[static_cast<int>(QuantId::kQ8_0)](args);
  };
  kernels.attention_f16 = [](const AttentionArgs& args) {
    {
      const std::lock_guard lock(Records().mutex);
      Records().attentions.push_back(args);
    }
    Plain().attention_f16(args);
  };
  return kernels;
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_TESTS_BACKENDS_CPU_RECORDING_H_
