// Names of the operations.
#include "models/op.h"

namespace inferometer {

std::string_view NameOf(const Op& op) {
  struct Visitor {
    std::string_view operator()(const Embed&) const { return "embed"; }
    std::string_view operator()(const RmsNorm&) const { return "rms_norm"; }
    std::string_view operator()(const MatMul&) const { return "matmul"; }
    std::string_view operator()(const Rope&) const { return "rope"; }
    std::string_view operator()(const KvAppend&) const { return "kv_append"; }
    std::string_view operator()(const Attention&) const { return "attention"; }
    std::string_view operator()(const GatedMul&) const { return "gated_mul"; }
    std::string_view operator()(const SelectOutputs&) const { return "select_outputs"; }
    std::string_view operator()(const TopExperts&) const { return "top_experts"; }
    std::string_view operator()(const ExpertMatMul&) const { return "expert_matmul"; }
    std::string_view operator()(const ExpertSum&) const { return "expert_sum"; }
    std::string_view operator()(const ArgMax&) const { return "argmax"; }
    std::string_view operator()(const MemoryProbe&) const { return "memory_probe"; }
    std::string_view operator()(const LatencyProbe&) const { return "latency_probe"; }
    std::string_view operator()(const ComputeProbe&) const { return "compute_probe"; }
    std::string_view operator()(const ClockProbe&) const { return "clock_probe"; }
    std::string_view operator()(const SubgroupProbe&) const { return "subgroup_probe"; }
    std::string_view operator()(const LaunchProbe&) const { return "launch_probe"; }
  };
  return std::visit(Visitor{}, op);
}

}  // namespace inferometer
