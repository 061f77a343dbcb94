// Kernels of instruction sets that this machine may lack, emulated and held against the reference.
#include <gtest/gtest.h>

#include <set>

#include "backends/cpu/cpu.h"
#include "harness/runner/conformance.h"
#include "models/model.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace cpu {
extern const KernelSet kEmulatedAvx512Kernels, kEmulatedTileKernels;
}

namespace {

TEST(EmulatedAvx512, EveryOpConforms) {
  const auto device = cpu::OpenDevice(cpu::kEmulatedAvx512Kernels, {.threads = 2});
  const auto reference = OpenReference();
  int ran = 0;
  for (const OpCase& c : ConformanceCases()) {
    if (!c.quick) continue;
    const CaseResult result = RunCase(*device, *reference, c);
    EXPECT_TRUE(result.Pass() || !result.why_not.empty())
        << c.name << ": " << result.nmse << " against " << result.limit;
    ran += result.why_not.empty() ? 1 : 0;
  }
  EXPECT_GT(ran, 30);
}

TEST(EmulatedAvx512, WholeModelsConform) {
  const auto device = cpu::OpenDevice(cpu::kEmulatedAvx512Kernels, {.threads = 2});
  const std::vector<std::int32_t> prompt = {3, 17, 5, 40, 8, 21, 60, 2, 33, 9, 11};
  for (const char* quant : {"f16", "q8_0", "q4_k_m"}) {
    const Model model = SynthesizeModel(TinyShapes().front(), quant, 1);
    ModelOracle oracle(model);
    const ModelResult result = VerifyModel(*device, oracle, prompt, 8);
    EXPECT_TRUE(result.conformance.pass) << quant << ": " << result.why_failed;
    EXPECT_EQ(result.conformance.greedy_match, 8) << quant;
  }
}

TEST(EmulatedTiles, MatmulsOfManyColumnsConform) {
  const auto device = cpu::OpenDevice(cpu::kEmulatedTileKernels, {.threads = 2});
  const auto reference = OpenReference();
  std::set<QuantId> formats;
  for (const OpCase& c : ConformanceCases()) {
    const auto* op = std::get_if<MatMul>(&c.op);
    if (op == nullptr ||
        static_cast<int>(c.tokens.size()) < cpu::kEmulatedTileKernels.tile_columns ||
        !cpu::MultipliesTiles(cpu::kEmulatedTileKernels, op->format, op->in_width)) {
      continue;
    }
    const CaseResult result = RunCase(*device, *reference, c);
    EXPECT_TRUE(result.Pass()) << c.name << ": " << result.nmse << " against " << result.limit;
    formats.insert(op->format);
  }
  EXPECT_EQ(formats.size(), kQuantCount - 1u) << "all but f32";
}

TEST(EmulatedTiles, AttentionOfManyRowsConforms) {
  const auto device = cpu::OpenDevice(cpu::kEmulatedTileKernels, {.threads = 2});
  const auto reference = OpenReference();
  int cases = 0;
  for (const OpCase& c : ConformanceCases()) {
    const auto* op = std::get_if<Attention>(&c.op);
    if (op == nullptr || op->format != QuantId::kF16 ||
        !cpu::AttendsTiles(cpu::kEmulatedTileKernels, op->format, op->head_dim) ||
        static_cast<std::int64_t>(c.tokens.size()) * op->heads / op->kv_heads < cpu::kTileRows) {
      continue;
    }
    const CaseResult result = RunCase(*device, *reference, c);
    EXPECT_TRUE(result.Pass()) << c.name << ": " << result.nmse << " against " << result.limit;
    ++cases;
  }
  EXPECT_GT(cases, 5);
}

TEST(EmulatedTiles, WholeModelsConform) {
  const auto device = cpu::OpenDevice(cpu::kEmulatedTileKernels, {.threads = 2});
  std::vector<std::int32_t> prompt;
  for (std::int32_t i = 0; i < 37; ++i) prompt.push_back((i * 29 + 3) % 61);
  for (const ModelShape& shape : TinyShapes()) {
    const Model model = SynthesizeModel(shape, "q8_0", 1);
    ModelOracle oracle(model);
    const ModelResult result = VerifyModel(*device, oracle, prompt, 2);
    EXPECT_TRUE(result.conformance.pass) << shape.name << ": " << result.why_failed;
  }
}

}  // namespace
}  // namespace inferometer
