// Runs quick conformance.
#include "tests/backends/vulkan/conform.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "harness/base/random.h"
#include "harness/runner/conformance.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::vulkan {

void ExpectOpsConform(Device& device, std::string_view only) {
  const auto reference = OpenReference();
  int ran = 0;
  for (const OpCase& c : ConformanceCases()) {
    if (!c.quick || !c.name.starts_with(only)) continue;
    const CaseResult result = RunCase(device, *reference, c);
    if (!result.why_not.empty()) continue;
    ++ran;
    EXPECT_TRUE(result.Pass()) << device.Info().id << ", " << device.Info().kernels << ": "
                               << c.name << ": NMSE " << result.nmse << ", limit " << result.limit;
  }
  EXPECT_GT(ran, only.empty() ? 50 : 0) << device.Info().id;
}

void ExpectModelConforms(Device& device, const std::string& shape, const std::string& quant,
                         QuantId cache) {
  for (const ModelShape& tiny : TinyShapes()) {
    if (tiny.name != shape) continue;
    const Model model = SynthesizeModel(tiny, quant, 1);
    ModelOracle oracle(model);
    Random random(7);
    std::vector<std::int32_t> prompt;
    for (int i = 0; i < 37; ++i) {
      prompt.push_back(
          static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(tiny.vocab))));
    }
    const ModelResult result = VerifyModel(device, oracle, prompt, 4, cache);
    EXPECT_TRUE(result.conformance.pass)
        << device.Info().id << ", " << device.Info().kernels << ": " << result.why_failed;
    EXPECT_EQ(result.conformance.greedy_match + result.near_ties, 4);
    return;
  }
  FAIL() << "no tiny shape is named " << shape;
}

}  // namespace inferometer::vulkan
