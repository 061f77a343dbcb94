// Kernels of instruction sets that this machine may lack, emulated and held against the reference.
#include <gtest/gtest.h>

#include "backends/cpu/cpu.h"
#include "harness/runner/conformance.h"
#include "models/model.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace cpu {
extern const KernelSet kEmulatedAvx512Kernels;
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

}  // namespace
}  // namespace inferometer
