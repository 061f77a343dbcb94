// The CPU backend: one device for every instruction set that this machine can run.
#ifndef INFEROMETER_BACKENDS_CPU_CPU_H_
#define INFEROMETER_BACKENDS_CPU_CPU_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/cpu/kernel_set.h"
#include "backends/device.h"
#include "harness/base/cpu_features.h"

namespace inferometer::cpu {

// An instruction set: its kernels, and whether a processor can run them.
struct InstructionSet {
  const KernelSet* kernels;
  bool (*runs_on)(const CpuFeatures& features);
};

// Kernels beyond a set that it takes where the processor has them.
struct ExtraKernels {
  std::string_view set;  // the name of the set
  void (*add)(KernelSet& set);
  bool (*runs_on)(const CpuFeatures& features);
};

// Those compiled for this architecture, the widest first, `scalar` last.
std::span<const InstructionSet> InstructionSets();

std::span<const ExtraKernels> AllExtraKernels();
// A set with the extra kernels that such a processor runs.
KernelSet WithExtras(const KernelSet& kernels, const CpuFeatures& features);

// A device of exactly these kernels, for tests that bring their own.
std::unique_ptr<Device> OpenDevice(const KernelSet& kernels, const DeviceOptions& options);

std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions& options);
std::string WhyNone();

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_CPU_H_
