// Each thread's share of the probes that ceilings are measured with.
#include "backends/cpu/executor.h"

namespace inferometer::cpu {

void Executor::operator()(const MemoryProbe& op) {
  constexpr std::int64_t kPiece = 4096, kFloat = sizeof(float);
  const Range mine = Share(op.bytes / kPiece);
  const std::int64_t begin = mine.begin * kPiece, bytes = (mine.end - mine.begin) * kPiece;
  const auto at = [this, begin](TensorId id) { return At(id).data.data() + begin; };
  const auto floats_at = [this, begin](TensorId id) { return Floats(id) + begin / kFloat; };
  const int streams = StreamIndex(op.streams), past = op.past_caches ? 1 : 0;
  if (op.pattern == MemoryPattern::kRead) {
    const std::uint64_t sum = kernels_.read[streams](at(op.a), bytes, op.passes);
    plan_.sink_.store(static_cast<double>(sum), std::memory_order_relaxed);
    return;
  }
  for (std::int64_t pass = 0; pass < op.passes; ++pass) {
    switch (op.pattern) {
      case MemoryPattern::kRead:
      case MemoryPattern::kUpload:  // WhyNot refuses both
      case MemoryPattern::kDownload:
        break;
      case MemoryPattern::kCopy:
        kernels_.copy[past][streams](at(op.a), at(op.b), bytes);
        break;
      case MemoryPattern::kTriad:
        kernels_.triad[past][streams](floats_at(op.a), floats_at(op.b), floats_at(op.c), bytes);
        break;
      case MemoryPattern::kFill:
        FillKernel(floats_at(op.a), begin / kFloat, bytes / kFloat);
        break;
    }
  }
}

void Executor::operator()(const LatencyProbe& op) {
  if (worker_ != 0) return;
  plan_.chase_at_ = ChaseKernel(At(op.a).data.data(), plan_.chase_at_, op.hops);
}

void Executor::operator()(const ComputeProbe& op) {
  plan_.sink_.store(plan_.peaks_.Of(op)(op.operations / threads_), std::memory_order_relaxed);
}

void Executor::operator()(const ClockProbe& op) {
  const std::uint64_t sum = AddChainKernel(op.adds);
  plan_.sink_.store(static_cast<double>(sum), std::memory_order_relaxed);
}

void Executor::operator()(const SubgroupProbe&) {}  // WhyNot refuses it

void Executor::operator()(const LaunchProbe& op) {
  for (std::int64_t i = 0; i < op.count; ++i) plan_.pool_.Barrier();
}

}  // namespace inferometer::cpu
