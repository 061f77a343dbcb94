// The reference device: interprets a plan op by op. Slow, plain, and what all others must equal.
#include "backends/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backends/check.h"
#include "backends/reference/ops.h"
#include "backends/reference/parallel.h"
#include "harness/base/clock.h"
#include "harness/base/cpu_features.h"
#include "harness/base/error.h"

namespace inferometer {
namespace reference {
namespace {

class ReferencePlan : public Plan {
 public:
  ReferencePlan(Tensors& tensors, std::span<const Op> ops)
      : tensors_(tensors),
        ops_(ops.begin(), ops.end()),
        limits_(CheckOps(
            ops, [&tensors](TensorId id) -> const TensorDesc& { return tensors.Desc(id); })) {}

  Timing Run(const Step& step) override {
    const double start_s = NowSeconds();
    CheckStep(step, limits_);
    std::vector<std::int64_t> outputs;
    for (std::size_t t = 0; t < step.tokens.size(); ++t) {
      if (step.tokens[t].output) outputs.push_back(static_cast<std::int64_t>(t));
    }
    const Scope scope{tensors_, step.tokens, outputs};
    for (const Op& op : ops_) {
      std::visit([&scope](const auto& o) { Compute(o, scope); }, op);
    }
    return {NowSeconds() - start_s, std::nullopt};
  }

 private:
  Tensors& tensors_;
  const std::vector<Op> ops_;
  const StepLimits limits_;
};

class ReferenceDevice : public Device {
 public:
  ReferenceDevice() {
    info_ = {.id = "reference",
             .backend = "reference",
             .name = CpuName(),
             .kernels = "scalar fp32",
             .driver = "",
             .software = true,
             .threads = SliceThreads(),
             .memory_bytes = 0};
  }

  const DeviceInfo& Info() const override { return info_; }

  std::string WhyNot(const Op& op) const override {
    if (std::holds_alternative<MemoryProbe>(op) || std::holds_alternative<LatencyProbe>(op) ||
        std::holds_alternative<ComputeProbe>(op) || std::holds_alternative<ClockProbe>(op) ||
        std::holds_alternative<SubgroupProbe>(op) || std::holds_alternative<LaunchProbe>(op)) {
      return "the reference is never measured";
    }
    if (const auto* append = std::get_if<KvAppend>(&op)) {
      return NoWholeBlocks(append->format, append->head_dim);
    }
    if (const auto* attention = std::get_if<Attention>(&op)) {
      return NoWholeBlocks(attention->format, attention->head_dim);
    }
    return "";
  }

  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    return tensors_.Add(desc, data);
  }

  void Free(TensorId id) override { tensors_.Remove(id); }

  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    for (const Op& op : ops) {
      const std::string reason = WhyNot(op);
      if (!reason.empty()) {
        throw Error(ExitCode::kInvalidInput, fmt::format("{}: {}", NameOf(op), reason));
      }
    }
    return std::make_unique<ReferencePlan>(tensors_, ops);
  }

  void Read(TensorId id, std::span<std::byte> out) override {
    const std::span<const std::byte> bytes = tensors_.Bytes(id);
    CheckSize("read", id, out.size());
    std::copy_n(bytes.begin(), out.size(), out.begin());
  }

  void Write(TensorId id, std::span<const std::byte> data) override {
    CheckSize("write", id, data.size());
    std::copy(data.begin(), data.end(), tensors_.Bytes(id).begin());
  }

 private:
  static std::string NoWholeBlocks(QuantId id, std::int64_t head_dim) {
    const Format& format = FormatOf(id);
    if (head_dim % format.block_weights == 0) return "";
    return fmt::format("a head of {} values is no whole {} blocks of {}", head_dim, format.name,
                       format.block_weights);
  }

  void CheckSize(std::string_view what, TensorId id, std::size_t size) {
    if (size <= tensors_.Bytes(id).size()) return;
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot {} {} bytes of tensor '{}', which has {}", what, size,
                            tensors_.Desc(id).name, tensors_.Bytes(id).size()));
  }

  DeviceInfo info_;
  Tensors tensors_;
};

}  // namespace
}  // namespace reference

std::unique_ptr<Device> OpenReference() { return std::make_unique<reference::ReferenceDevice>(); }

}  // namespace inferometer
