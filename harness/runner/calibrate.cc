// Measures a small stack of matrix products.
#include "harness/runner/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "models/cost.h"

namespace inferometer {
namespace {

// The shape of a projection in a model of one billion weights; eight of them exceed most caches
// that belong to one core.
constexpr std::int64_t kWidth = 2048;
constexpr int kMatrices = 8;
constexpr std::size_t kPromptTokens = 64, kFewestTokens = 4;

// Tensors that are freed when the calibration ends, however it ends.
class Tensors {
 public:
  explicit Tensors(Device& device) : device_(device) {}
  ~Tensors() {
    for (const TensorId id : ids_) device_.Free(id);
  }
  Tensors(const Tensors&) = delete;
  Tensors& operator=(const Tensors&) = delete;
  TensorId Add(const TensorDesc& desc, std::span<const std::byte> data) {
    ids_.push_back(device_.Upload(desc, data));
    return ids_.back();
  }

 private:
  Device& device_;
  std::vector<TensorId> ids_;
};

// The least time of one run, over runs for about `seconds`, and at least one. The first run counts
// only when there is no time for another.
double LeastSeconds(Plan& plan, std::span<const TokenAt> tokens, double seconds,
                    const std::function<double()>& now) {
  const Step step{tokens};
  const double end = now() + seconds;
  double least = plan.Run(step).host_s;
  if (now() < end) least = plan.Run(step).host_s;
  while (now() < end) least = std::min(least, plan.Run(step).host_s);
  return std::max(least, 1e-9);
}

}  // namespace

double Speed::Score() const { return std::sqrt(bytes_per_s) * std::sqrt(operations_per_s); }

double Speed::SecondsFor(const Work& work) const {
  if (bytes_per_s <= 0 || operations_per_s <= 0) return 0;
  return work.bytes / bytes_per_s + work.flops() / operations_per_s;
}

Speed Calibrate(Device& device, QuantId format, double seconds,
                const std::function<double()>& now) {
  Tensors tensors(device);
  MatMul product{.format = format, .in_width = kWidth, .out_width = kWidth};
  if (const std::string reason = device.WhyNot(product); !reason.empty()) {
    throw Error(ExitCode::kRunFailed, fmt::format("{}: {}", device.Info().id, reason));
  }
  std::vector<float> weights(static_cast<std::size_t>(kWidth * kWidth));
  Random random(1);
  for (float& weight : weights) weight = random.Uniform();
  const std::size_t row_bytes = RowBytes(format, static_cast<std::size_t>(kWidth));
  std::vector<std::byte> blocks(row_bytes * static_cast<std::size_t>(kWidth));
  FormatOf(format).encode(weights, blocks.data());

  const TensorDesc activation{.name = "calibration",
                              .role = TensorRole::kActivation,
                              .format = QuantId::kF32,
                              .dims = {kWidth, kPromptTokens, 1, 1}};
  TensorId from = tensors.Add(activation, {}), to = tensors.Add(activation, {});
  std::vector<Op> ops;
  for (int i = 0; i < kMatrices; ++i) {
    product.in = from, product.out = to;
    product.weight = tensors.Add({.name = "calibration",
                                  .role = TensorRole::kMatrix,
                                  .format = format,
                                  .dims = {kWidth, kWidth, 1, 1}},
                                 blocks);
    ops.emplace_back(product);
    std::swap(from, to);
  }
  const std::unique_ptr<Plan> plan = device.Prepare(ops);
  Speed speed;
  std::vector<TokenAt> tokens(1);
  tokens[0].output = true;
  const double token_s = LeastSeconds(*plan, tokens, seconds / 2, now);
  speed.bytes_per_s = CostOf(ops, {tokens}).bytes / token_s;
  // Fewer tokens where 64, each taking as long as one alone, would take more than there is.
  std::size_t count = kPromptTokens;
  while (count > kFewestTokens && static_cast<double>(count) * token_s > seconds / 2) count /= 2;
  tokens.assign(count, {});
  for (std::size_t i = 0; i < count; ++i) tokens[i].position = static_cast<std::int32_t>(i);
  tokens.back().output = true;
  speed.operations_per_s =
      CostOf(ops, {tokens}).flops / LeastSeconds(*plan, tokens, seconds / 2, now);
  return speed;
}

}  // namespace inferometer
