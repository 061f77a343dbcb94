// The check before the timing: right devices pass every case, and faults of one row or token show.
#include "harness/kernels/check_kernel.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/backends/conformance/broken_device.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

std::vector<KernelCase> AllCases() {
  std::vector<Model> models;
  for (const ModelShape& shape : TinyShapes()) {
    for (const char* quant : {"q8_0", "f16"}) models.push_back(SynthesizeModel(shape, quant, 1));
  }
  return KernelCases(
      models, {.tokens = {1, 7, 70}, .depths = {0, 19}, .kv = {QuantId::kF16, QuantId::kQ8_0}});
}

TEST(CheckKernel, PassesEveryCpuDevice) {
  const std::unique_ptr<Device> reference = OpenReference();
  for (const Backend& backend : Backends()) {
    for (const auto& device : backend.open({.threads = 2})) {
      for (const KernelCase& c : AllCases()) {
        if (!device->WhyNot(c.op).empty()) continue;
        const KernelCheck check = CheckKernel(*device, *reference, c, CaseData(c));
        EXPECT_TRUE(check.Pass()) << device->Info().id << " " << c.name << ": " << check.nmse
                                  << ", limit " << check.limit;
      }
    }
  }
}

TEST(CheckKernel, IsExactForTheReferenceItself) {
  const std::unique_ptr<Device> device = OpenReference(), reference = OpenReference();
  for (const KernelCase& c : AllCases()) {
    EXPECT_EQ(CheckKernel(*device, *reference, c, CaseData(c)).nmse, 0) << c.name;
  }
}

// The cases of an op that a device with that fault fails.
std::size_t Failures(const Fault& fault, std::string_view op, std::size_t& cases) {
  BrokenDevice device(fault);
  const std::unique_ptr<Device> reference = OpenReference();
  std::size_t failures = 0;
  cases = 0;
  for (const KernelCase& c : AllCases()) {
    if (NameOf(c.op) != op) continue;
    ++cases;
    failures += CheckKernel(device, *reference, c, CaseData(c)).Pass() ? 0 : 1;
  }
  return failures;
}

// Adds `by` to one value of the op's result tensor after it ran.
Fault Spoil(std::string_view op, std::size_t at_row, std::size_t at_value, float by) {
  Fault fault;
  fault.after = [=](const Op& ran, Device& device) {
    if (NameOf(ran) != op) return;
    const auto* matmul = std::get_if<MatMul>(&ran);
    const auto width = static_cast<std::size_t>(matmul->out_width);
    std::vector<float> values((at_row + 1) * width);
    device.Read(matmul->out, std::as_writable_bytes(std::span(values)));
    values[at_row * width + std::min(at_value, width - 1)] += by;
    device.Write(matmul->out, std::as_bytes(std::span(values)));
  };
  return fault;
}

TEST(CheckKernel, FindsASpoiledFirstAndLastRow) {
  std::size_t cases = 0;
  EXPECT_EQ(Failures(Spoil("matmul", 0, 0, 100), "matmul", cases), cases);
  EXPECT_EQ(Failures(Spoil("matmul", 0, 1 << 20, 100), "matmul", cases), cases);
  EXPECT_EQ(Failures(Spoil("matmul", 0, 0, NAN), "matmul", cases), cases);
  EXPECT_GT(cases, 10u);
}

TEST(CheckKernel, FindsAttentionOfAnotherScale) {
  Fault fault;
  fault.misread = [](Op op) {
    if (auto* attention = std::get_if<Attention>(&op)) attention->scale *= 1.05f;
    return op;
  };
  std::size_t cases = 0;
  const std::size_t failures = Failures(fault, "attention", cases);
  // One position attends to itself alone, whatever the scale.
  EXPECT_GE(failures, cases * 2 / 3);
}

TEST(CheckKernel, FindsTheWrongPairsOfRope) {
  Fault fault;
  fault.misread = [](Op op) {
    if (auto* rope = std::get_if<Rope>(&op)) {
      rope->style =
          rope->style == RopeStyle::kHalves ? RopeStyle::kInterleaved : RopeStyle::kHalves;
    }
    return op;
  };
  std::size_t cases = 0;
  // Position 0 turns nothing: one token there is right by chance.
  const std::size_t failures = Failures(fault, "rope", cases);
  EXPECT_GE(failures, cases / 2);
  EXPECT_GT(cases, 0u);
}

TEST(CheckKernel, FindsTheWrongExperts) {
  Fault fault;
  fault.before = [](const Op& op, Device& device) {
    const auto* expert = std::get_if<ExpertMatMul>(&op);
    if (expert == nullptr) return;
    std::vector<std::int32_t> ids(static_cast<std::size_t>(expert->used));
    device.Read(expert->ids, std::as_writable_bytes(std::span(ids)));
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>((id + 1) % expert->experts);
    device.Write(expert->ids, std::as_bytes(std::span(ids)));
  };
  std::size_t cases = 0;
  EXPECT_EQ(Failures(fault, "expert_matmul", cases), cases);
  EXPECT_GT(cases, 0u);
}

}  // namespace
}  // namespace inferometer
