// Which peaks a device has.
#include "backends/cpu/peaks.h"

#include <fmt/format.h>

namespace inferometer::cpu {

namespace {

std::string_view NameOf(NumberType type) {
  switch (type) {
    case NumberType::kFp32:
      return "fp32";
    case NumberType::kFp16:
      return "fp16";
    case NumberType::kBf16:
      return "bf16";
    case NumberType::kInt8:
      break;
  }
  return "int8";
}

}  // namespace

Peaks::Peaks(const KernelSet& kernels, const CpuFeatures& features)
    : kernels_(kernels), features_(features) {}

PeakChain Peaks::Of(const ComputeProbe& probe) const {
  if (!probe.matrix && probe.type == NumberType::kFp32) return kernels_.fp32_chain;
  if (!probe.matrix && probe.type == NumberType::kInt8) return kernels_.int8_chain;
  for (const ExtraPeak& peak : ExtraPeaks()) {
    const bool is_it = peak.set == kernels_.name && peak.type == probe.type;
    if (is_it && peak.matrix == probe.matrix && peak.runs_on(features_)) return peak.chain;
  }
  return nullptr;
}

std::string Peaks::WhyNot(const ComputeProbe& probe) const {
  if (Of(probe) != nullptr) return "";
  for (const ExtraPeak& peak : ExtraPeaks()) {
    if (peak.set == kernels_.name && peak.type == probe.type && peak.matrix == probe.matrix) {
      return fmt::format("this processor has no {}", peak.instruction);
    }
  }
  return fmt::format("{} has no {} arithmetic{}", kernels_.name, NameOf(probe.type),
                     probe.matrix ? " on small matrices" : "");
}

}  // namespace inferometer::cpu
