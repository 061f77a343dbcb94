// Whole models of every family in several quants, on every device.
#include <gtest/gtest.h>

#include <tuple>

#include "harness/base/random.h"
#include "harness/runner/conformance.h"
#include "tests/backends/conformance/devices.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

std::vector<std::int32_t> Prompt(const ModelShape& shape, int count) {
  Random random(7);
  std::vector<std::int32_t> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(shape.vocab))));
  }
  return ids;
}

std::vector<std::string> ShapeNames() {
  std::vector<std::string> names;
  for (const ModelShape& shape : TinyShapes()) names.push_back(shape.name);
  return names;
}

ModelShape ShapeNamed(const std::string& name) {
  for (ModelShape& shape : TinyShapes()) {
    if (shape.name == name) return shape;
  }
  return {};
}

class ModelConformance
    : public testing::TestWithParam<std::tuple<std::string, std::string, std::string>> {};

TEST_P(ModelConformance, EqualsTheReference) {
  const auto& [id, shape_name, quant] = GetParam();
  const ModelShape shape = ShapeNamed(shape_name);
  const Model model = SynthesizeModel(shape, quant, 1);
  ModelOracle oracle(model);
  const std::unique_ptr<Device> device = OpenDevice(id);
  const ModelResult result = VerifyModel(*device, oracle, Prompt(shape, 70), 8);
  EXPECT_TRUE(result.conformance.pass) << result.why_failed;
  EXPECT_EQ(result.conformance.greedy_total, 8);
  EXPECT_EQ(result.conformance.greedy_match + result.near_ties, 8);
  std::printf("NMSE %.3g, limit %.3g, %d of 8 greedy tokens equal, %d near ties\n",
              result.conformance.nmse, result.conformance.limit, result.conformance.greedy_match,
              result.near_ties);
  // In the reference a token's result depends on nothing but its past: not a bit may differ.
  if (id == "reference") {
    EXPECT_EQ(result.conformance.nmse, 0);
    EXPECT_EQ(result.conformance.greedy_match, 8);
  }
}

// The same with the cache in q8_0, which the reference then has too.
class ModelWithQ8Cache
    : public testing::TestWithParam<std::tuple<std::string, std::string, std::string>> {};

TEST_P(ModelWithQ8Cache, EqualsTheReference) {
  const auto& [id, shape_name, quant] = GetParam();
  const ModelShape shape = ShapeNamed(shape_name);
  const Model model = SynthesizeModel(shape, quant, 1);
  ModelOracle oracle(model);
  const std::unique_ptr<Device> device = OpenDevice(id);
  const ModelResult result = VerifyModel(*device, oracle, Prompt(shape, 70), 8, QuantId::kQ8_0);
  EXPECT_TRUE(result.conformance.pass) << result.why_failed;
  EXPECT_EQ(result.conformance.greedy_match + result.near_ties, 8);
  std::printf("NMSE %.3g, limit %.3g, %d of 8 greedy tokens equal, %d near ties\n",
              result.conformance.nmse, result.conformance.limit, result.conformance.greedy_match,
              result.near_ties);
}

INSTANTIATE_TEST_SUITE_P(Devices, ModelWithQ8Cache,
                         testing::Combine(testing::ValuesIn(DeviceIds()),
                                          testing::ValuesIn(ShapeNames()),
                                          testing::Values("f16", "q4_k_m")),
                         [](const auto& p) {
                           return TestName(std::get<0>(p.param) + "_" + std::get<1>(p.param) + "_" +
                                           std::get<2>(p.param));
                         });

INSTANTIATE_TEST_SUITE_P(Devices, ModelConformance,
                         testing::Combine(testing::ValuesIn(DeviceIds()),
                                          testing::ValuesIn(ShapeNames()),
                                          testing::Values("f32", "f16", "bf16", "q8_0", "q4_0",
                                                          "q5_1", "iq4_nl", "mxfp4", "q4_k_m")),
                         [](const auto& p) {
                           return TestName(std::get<0>(p.param) + "_" + std::get<1>(p.param) + "_" +
                                           std::get<2>(p.param));
                         });

}  // namespace
}  // namespace inferometer
