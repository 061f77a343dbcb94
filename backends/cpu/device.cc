// A device: one instruction set of this processor, with its threads and tensors.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/cpu/cpu.h"
#include "backends/cpu/peaks.h"
#include "backends/cpu/plan.h"
#include "backends/cpu/tensors.h"
#include "harness/base/cpu_places.h"
#include "harness/base/error.h"
#include "harness/base/system_memory.h"

namespace inferometer::cpu {
namespace {

struct WhyNotVisitor {
  const KernelSet& kernels;
  const Peaks& peaks;

  std::string operator()(const KvAppend& op) const { return WhyNoCache(op.format, op.head_dim); }
  std::string operator()(const Attention& op) const {
    const std::int64_t group = op.heads / op.kv_heads;
    if (group > kMaxQueryRows) {
      return fmt::format("{} query heads for each kv head, at most {} are supported", group,
                         kMaxQueryRows);
    }
    return WhyNoCache(op.format, op.head_dim);
  }
  std::string operator()(const ComputeProbe& op) const { return peaks.WhyNot(op); }
  std::string operator()(const SubgroupProbe&) const { return "a processor has no subgroups"; }
  std::string operator()(const MemoryProbe& op) const {
    if (op.host_memory || op.pattern == MemoryPattern::kUpload ||
        op.pattern == MemoryPattern::kDownload) {
      return "a processor computes in the host's own memory";
    }
    if (StreamIndex(op.streams) < 0) {
      return fmt::format("{} streams are not supported, only 1, 2, 4 and 8", op.streams);
    }
    if (!op.past_caches) return "";
    const bool copies = op.pattern == MemoryPattern::kCopy || op.pattern == MemoryPattern::kTriad;
    if (!copies) return "only copy and triad can store past the caches";
    return kernels.copy[1][0] == nullptr
               ? fmt::format("{} has no stores past the caches", kernels.name)
               : "";
  }
  template <typename T>
  std::string operator()(const T&) const {
    return "";
  }
};

// The set and what was added to it.
std::string KernelsOf(const KernelSet& kernels) {
  std::string text = kernels.name;
  for (const char* form : {kernels.brain_form, kernels.tile_form}) {
    if (form != nullptr) text += fmt::format(", {}", form);
  }
  return text;
}

class CpuDevice : public Device {
 public:
  CpuDevice(const KernelSet& kernels, const DeviceOptions& options)
      : kernels_(kernels), peaks_(kernels_, ReadCpuFeatures()), tensors_(kernels_) {
    info_ = {.id = fmt::format("cpu:{}", kernels.name),
             .backend = "cpu",
             .name = CpuName(),
             .kernels = KernelsOf(kernels),
             .driver = "",
             .software = false,
             .threads = options.threads > 0 ? options.threads : DefaultThreads(),
             .memory_bytes = SystemMemoryBytes()};
  }

  const DeviceInfo& Info() const override { return info_; }
  std::string WhyNot(const Op& op) const override {
    return std::visit(WhyNotVisitor{kernels_, peaks_}, op);
  }

  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    return tensors_.Add(desc, data, Pool());
  }
  void Free(TensorId id) override { tensors_.Remove(id); }

  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    for (const Op& op : ops) {
      const std::string reason = WhyNot(op);
      if (!reason.empty()) {
        throw Error(ExitCode::kRunFailed, fmt::format("{}: {}", NameOf(op), reason));
      }
    }
    return std::make_unique<CpuPlan>(kernels_, peaks_, tensors_, Pool(), ops);
  }

  void Read(TensorId id, std::span<std::byte> out) override { tensors_.Read(id, out); }
  void Write(TensorId id, std::span<const std::byte> data) override { tensors_.Write(id, data); }

 private:
  // Threads start when they are first needed, so that listing devices costs nothing.
  ThreadPool& Pool() {
    if (!pool_) pool_ = std::make_unique<ThreadPool>(info_.threads);
    return *pool_;
  }

  const KernelSet kernels_;
  const Peaks peaks_;
  DeviceInfo info_;
  Tensors tensors_;
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace

std::unique_ptr<Device> OpenDevice(const KernelSet& kernels, const DeviceOptions& options) {
  return std::make_unique<CpuDevice>(kernels, options);
}

std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions& options) {
  const CpuFeatures features = ReadCpuFeatures();
  std::vector<std::unique_ptr<Device>> devices;
  for (const InstructionSet& set : InstructionSets()) {
    if (!set.runs_on(features)) continue;
    devices.push_back(OpenDevice(WithExtras(*set.kernels, features), options));
  }
  return devices;
}

std::string WhyNone() { return "this processor runs none of the instruction sets built in"; }

}  // namespace inferometer::cpu
