// Parts of a step put together, priced once, and profiled on devices that can and cannot.
#include "harness/runner/profile.h"

#include <gmock/gmock.h>

#include "models/cost.h"
#include "models/synth.h"
#include "tests/harness/workloads/costed_device.h"
#include "tests/models/tiny_shape.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

TEST(GroupParts, SumsEqualWorkTakesMediansAndPricesSharedOpsOnce) {
  const ModelPlan plan =
      BuildPlan(SynthesizeModel(TinyShape("llama"), "q8_0", 1), {.positions = 16});
  const TokenAt token{0, 3, 0, true};
  const Step step{{&token, 1}};
  std::vector<std::size_t> attentions;
  for (std::size_t i = 0; i < plan.ops.size(); ++i) {
    if (std::holds_alternative<Attention>(plan.ops[i])) attentions.push_back(i);
  }
  ASSERT_EQ(attentions.size(), 2u);
  // Each attention in two parts, the second of which finishes what the first began.
  std::vector<StepProfile> profiles(3);
  for (std::size_t p = 0; p < profiles.size(); ++p) {
    for (const std::size_t at : attentions) {
      profiles[p].parts.push_back({at, 1, "attention 128", p == 2 ? 9.0 : 1.0});
      profiles[p].parts.push_back({at, 1, "sum 64", 2.0});
    }
  }
  const std::vector<ProfilePart> parts = GroupParts(profiles, plan.ops, step);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].kernel, "sum 64");  // the longest first
  EXPECT_EQ(parts[0].count, 2);
  EXPECT_EQ(parts[0].device_s, 4.0);
  EXPECT_EQ(parts[0].bytes, 0);
  EXPECT_EQ(parts[1].ops, "attention f16");
  EXPECT_EQ(parts[1].device_s, 2.0);  // no mean, which would be larger
  EXPECT_EQ(parts[1].bytes, 2 * CostOf(plan.ops[attentions[0]], step).bytes);
  EXPECT_GT(parts[1].flops, 0);
  // What is fused is named as one, alike neighbours counted.
  const Op fused[] = {RmsNorm{}, MatMul{.in_width = 8, .out_width = 4},
                      MatMul{.in_width = 8, .out_width = 4}, GatedMul{}};
  const StepProfile one[] = {{{{0, 4, "matvec", 1.0}}, ""}};
  EXPECT_EQ(GroupParts(one, fused, step)[0].ops, "rms_norm + 2 matmul f32 8x4 + gated_mul");
}

TEST(LabelOf, NamesFormatAndSize) {
  EXPECT_EQ(LabelOf(MatMul{.format = QuantId::kQ8_0, .in_width = 576, .out_width = 1536}),
            "matmul q8_0 576x1536");
  EXPECT_EQ(LabelOf(RmsNorm{}), "rms_norm");
}

TEST(ProfileModel, SaysWhyThereIsNone) {
  CostedClock clock;
  const Model model = SynthesizeModel(TinyShape("llama"), "q8_0", 1);
  ChosenDevice chosen;
  chosen.device = std::make_unique<CostedDevice>(clock);
  const PlanLimits limits{.positions = 16, .step_tokens = 8};
  Bench bench = OpenBench(chosen, model, {&limits, 1});
  const std::vector<Profile> unchecked = ProfileModel(bench, model);
  ASSERT_EQ(unchecked.size(), 1u);
  EXPECT_THAT(unchecked[0].reason, HasSubstr("conformance"));
  bench.stands[0].conformance = Conformance{.pass = true};
  const std::vector<Profile> profiles = ProfileModel(bench, model);
  ASSERT_EQ(profiles.size(), 1u);
  EXPECT_THAT(profiles[0].reason, HasSubstr("no times within a step"));
  EXPECT_TRUE(profiles[0].parts.empty());
  EXPECT_TRUE(ToJson(profiles[0])["step_s"].is_null());
}

}  // namespace
}  // namespace inferometer
