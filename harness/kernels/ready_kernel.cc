// Uploads the copies of a case and prepares the plan that runs through them.
#include "harness/kernels/ready_kernel.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "models/cost.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kUnknownCache = std::uint64_t{256} << 20;
// Steps of more tokens compute so much with each weight that its way from memory does not count.
constexpr std::ptrdiff_t kFewTokens = 8;
// Of an op without weights, which is over soon: often enough for the launch not to count.
constexpr std::int64_t kTimes = 32;
constexpr std::int64_t kMostCopies = 1024;

// What a forward pass has one of in every layer: matrices and caches.
bool IsRotated(const TensorDesc& desc) {
  return desc.role == TensorRole::kMatrix || desc.role == TensorRole::kTableMatrix ||
         desc.role == TensorRole::kKeyCache || desc.role == TensorRole::kValueCache;
}

bool MultipliesMatrices(const Op& op) {
  return std::holds_alternative<MatMul>(op) || std::holds_alternative<ExpertMatMul>(op);
}

}  // namespace

std::uint64_t RotationBytes(std::uint64_t last_level_bytes, std::uint64_t memory_bytes) {
  const std::uint64_t bytes = last_level_bytes > 0 ? 4 * last_level_bytes : kUnknownCache;
  return memory_bytes > 0 ? std::min(bytes, memory_bytes / 8) : bytes;
}

ReadyKernel::Repeats ReadyKernel::RepeatsOf(std::uint64_t rotation_bytes) const {
  const bool few = std::ssize(case_.tokens) <= kFewTokens;
  const bool attention = std::holds_alternative<Attention>(case_.op);
  if (!MultipliesMatrices(case_.op) && !attention) return {few ? kTimes : 1, 1};
  if (!few) return {1, 1};
  double bytes = 0;
  for (const TensorDesc& desc : case_.tensors) {
    if (IsRotated(desc)) bytes += static_cast<double>(ByteSize(desc));
  }
  const double wanted = std::ceil(static_cast<double>(rotation_bytes) / bytes);
  Repeats repeats;
  repeats.copies =
      static_cast<std::int64_t>(std::clamp(wanted, 1.0, static_cast<double>(kMostCopies)));
  repeats.times = repeats.copies;
  if (const auto* expert = std::get_if<ExpertMatMul>(&case_.op)) {
    // The copies hold all experts; one step uses a few of them.
    const std::int64_t in_step = expert->used * std::ssize(case_.tokens);
    repeats.times *= std::max<std::int64_t>(expert->experts / in_step, 1);
    repeats.times = std::min(repeats.times, kMostCopies);
  }
  return repeats;
}

ReadyKernel::ReadyKernel(Device& device, const KernelCase& c, const CaseData& data,
                         std::uint64_t rotation_bytes)
    : device_(device), case_(c), data_(data), tensors_(device) {
  const Repeats repeats = RepeatsOf(rotation_bytes);
  copies_ = repeats.copies;
  rotated_.assign(static_cast<std::size_t>(copies_),
                  std::vector<TensorId>(c.tensors.size(), kNoTensor));
  shared_.assign(c.tensors.size(), kNoTensor);
  for (std::size_t i = 0; i < c.tensors.size(); ++i) {
    if (!IsRotated(c.tensors[i])) continue;
    const std::vector<std::byte> bytes = data.All(i);
    for (auto& copy : rotated_) copy[i] = UploadFilled(tensors_, device, c.tensors[i], bytes);
  }
  for (std::int64_t time = 0; time < repeats.times; ++time) Add(time, time % copies_);
  plan_ = device.Prepare(ops_);
  work_ = WorkOf({&c.op, 1}, {c.tokens});
  working_set_bytes_ = work_.bytes * static_cast<double>(repeats.times);
}

void ReadyKernel::Add(std::int64_t time, std::int64_t copy) {
  Op op = case_.op;
  const bool own_input = MultipliesMatrices(op);
  // Each round through the copies goes to the next experts.
  const std::int64_t round = time / copies_;
  ForEachOperand(op, [&](TensorId& id, Access access) {
    const auto i = static_cast<std::size_t>(id);
    const TensorDesc& desc = case_.tensors[i];
    if (IsRotated(desc)) {
      id = rotated_[static_cast<std::size_t>(copy)][i];
      return;
    }
    const bool own = own_input && access == Access::kRead && !IsWeight(desc.role);
    if (own || shared_[i] == kNoTensor) {
      const TensorId fresh = UploadFilled(tensors_, device_, desc, data_.All(i, round));
      if (own) {
        id = fresh;
        return;
      }
      shared_[i] = fresh;
    }
    id = shared_[i];
  });
  ops_.push_back(op);
}

double ReadyKernel::Run() {
  const Timing timing = plan_->Run({case_.tokens});
  return timing.device_s.value_or(timing.host_s);
}

}  // namespace inferometer
