// What is timed: how many copies go round, and what the op costs.
#include "harness/kernels/ready_kernel.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// Remembers what it was asked to prepare.
class Watched : public Device {
 public:
  const DeviceInfo& Info() const override { return inner_->Info(); }
  std::string WhyNot(const Op& op) const override { return inner_->WhyNot(op); }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    ++alive;
    return inner_->Upload(desc, data);
  }
  void Free(TensorId id) override {
    --alive;
    inner_->Free(id);
  }
  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    prepared.assign(ops.begin(), ops.end());
    return inner_->Prepare(ops);
  }
  void Read(TensorId id, std::span<std::byte> out) override { inner_->Read(id, out); }
  void Write(TensorId id, std::span<const std::byte> data) override { inner_->Write(id, data); }

  std::vector<Op> prepared;
  int alive = 0;

 private:
  const std::unique_ptr<Device> inner_ = OpenReference();
};

KernelCase Case(const std::string& shape_name, const std::string& name) {
  for (const ModelShape& shape : TinyShapes()) {
    if (shape.name != shape_name) continue;
    const Model model = SynthesizeModel(shape, "q8_0", 1);
    for (KernelCase& c : KernelCases({&model, 1}, {.tokens = {1, 64}, .depths = {0, 32}})) {
      if (c.name == name) return c;
    }
  }
  throw std::runtime_error(name);
}

TEST(RotationBytes, IsFourTimesTheCacheAndAnEighthOfMemoryAtMost) {
  EXPECT_EQ(RotationBytes(32 * kMiB, 0), 128 * kMiB);
  EXPECT_EQ(RotationBytes(0, 0), 256 * kMiB);
  EXPECT_EQ(RotationBytes(32 * kMiB, 512 * kMiB), 64 * kMiB);
}

TEST(ReadyKernel, DecodeGoesThroughCopiesOfTheWeights) {
  const KernelCase c = Case("tiny-llama", "matmul/q8_0/256x512/tokens:1");
  const CaseData data(c);
  Watched device;
  {
    constexpr double kWeights = 256 * 512 / 32 * 34;
    ReadyKernel kernel(device, c, data, 1 * kMiB);
    EXPECT_EQ(kernel.copies(), 8);  // 1 MiB / 139264 B, rounded up
    EXPECT_EQ(kernel.times(), 8);
    EXPECT_EQ(kernel.work().bytes, kWeights);
    EXPECT_EQ(kernel.work().flops(), 2.0 * 256 * 512);
    EXPECT_EQ(kernel.working_set_bytes(), 8 * kWeights);
    std::set<TensorId> weights, inputs, outputs;
    for (const Op& op : device.prepared) {
      const auto& matmul = std::get<MatMul>(op);
      weights.insert(matmul.weight), inputs.insert(matmul.in), outputs.insert(matmul.out);
    }
    EXPECT_EQ(weights.size(), 8u);
    EXPECT_EQ(inputs.size(), 8u);   // none finds its input made ready by another
    EXPECT_EQ(outputs.size(), 1u);  // none starts before the last is done
    EXPECT_GT(kernel.Run(), 0);
  }
  EXPECT_EQ(device.alive, 0);
}

TEST(ReadyKernel, PrefillRunsOnce) {
  const KernelCase c = Case("tiny-llama", "matmul/q8_0/256x512/tokens:64");
  const CaseData data(c);
  Watched device;
  const ReadyKernel kernel(device, c, data, 1 * kMiB);
  EXPECT_EQ(kernel.times(), 1);
  EXPECT_EQ(kernel.work().flops(), 2.0 * 64 * 256 * 512);
}

TEST(ReadyKernel, AttentionGoesThroughCaches) {
  const KernelCase c = Case("tiny-llama", "attention/f16/4x2x64/tokens:1/depth:32");
  const CaseData data(c);
  Watched device;
  const ReadyKernel kernel(device, c, data, 64 * 1024);
  EXPECT_EQ(kernel.copies(), 4);  // 64 KiB / (2 caches of 33 positions of 2 heads of 64 in f16)
  std::set<TensorId> caches;
  for (const Op& op : device.prepared) caches.insert(std::get<Attention>(op).k_cache);
  EXPECT_EQ(caches.size(), 4u);
}

TEST(ReadyKernel, ExpertsTakeTurns) {
  const KernelCase c = Case("tiny-qwen3moe", "expert_matmul/q8_0/512x256x2of8/tokens:1");
  const CaseData data(c);
  Watched device;
  const ReadyKernel kernel(device, c, data, 1);
  EXPECT_EQ(kernel.copies(), 1);
  std::set<std::int32_t> used;
  for (const Op& op : device.prepared) {
    std::vector<std::int32_t> ids(2);
    device.Read(std::get<ExpertMatMul>(op).ids, std::as_writable_bytes(std::span(ids)));
    used.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(used.size(), 8u);
}

}  // namespace
}  // namespace inferometer
