// Which cases share a session, and which cases a model can run.
#include "harness/runner/sessions.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "harness/base/error.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

std::vector<SelectedCase> CasesOf(const std::string& preset) {
  RunRequest request;
  request.preset = preset;
  return Select(request).cases;
}

std::int64_t CacheTokens(const PlanLimits& limits) { return limits.positions * limits.sequences; }

TEST(PlanSessions, EveryCaseFindsAtLeastWhatItNeeds) {
  const auto cases = CasesOf("extended");
  const SessionPlan plan = PlanSessions(cases);
  ASSERT_EQ(plan.of_case.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].workload->own_session) continue;
    const auto wanted = cases[i].workload->limits(cases[i].point);
    ASSERT_EQ(plan.of_case[i].size(), wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const PlanLimits& given = plan.sessions[plan.of_case[i][k]];
      EXPECT_GE(given.positions, wanted[k].positions);
      EXPECT_GE(given.step_tokens, wanted[k].step_tokens);
      EXPECT_GE(given.outputs, wanted[k].outputs);
      EXPECT_GE(given.sequences, wanted[k].sequences);
      EXPECT_EQ(given.kv_format, wanted[k].kv_format);
    }
  }
}

TEST(PlanSessions, SharingCostsNoMemory) {
  // Short batches are not made sixteen deep sequences, nor the deep cases two of them.
  const auto cases = CasesOf("extended");
  const SessionPlan plan = PlanSessions(cases);
  ASSERT_EQ(plan.sessions.size(), 4u);
  std::int64_t together = 0, apart = 64;
  for (const PlanLimits& limits : plan.sessions) together += CacheTokens(limits);
  for (const SelectedCase& c : cases) {
    if (c.workload->own_session) continue;
    for (const PlanLimits& limits : c.workload->limits(c.point)) {
      apart += std::max<std::int64_t>(64, limits.positions) * limits.sequences;
    }
  }
  EXPECT_LT(together, apart / 2);
  for (const PlanLimits& limits : plan.sessions) {
    EXPECT_LE(CacheTokens(limits), 8192 + 128);
    EXPECT_TRUE(limits.sequences < 16 || limits.positions == 64);
  }
  EXPECT_EQ(PlanSessions(CasesOf("standard")).sessions.size(), 1u);
  EXPECT_EQ(PlanSessions({}).sessions.size(), 1u);
}

Model WithContext(std::int64_t context) {
  ModelShape shape;
  shape.name = "tiny", shape.family = "llama";
  shape.layers = 1, shape.width = 64, shape.heads = 2, shape.kv_heads = 1, shape.head_dim = 32;
  shape.feed_forward = 64, shape.vocab = 96, shape.context = context, shape.rope_dim = 32;
  return SynthesizeModel(shape, "q8_0", 1);
}

const SelectedCase& Find(const std::vector<SelectedCase>& cases, const std::string& workload,
                         const nlohmann::json& some) {
  for (const SelectedCase& c : cases) {
    if (c.workload->name != workload) continue;
    const bool matches =
        std::all_of(some.items().begin(), some.items().end(), [&c](const auto& item) {
          return c.point.params.value(item.key(), nlohmann::json()) == item.value();
        });
    if (matches) return c;
  }
  throw Error(ExitCode::kRunFailed, workload + " has no such case");
}

TEST(FitCases, AShortContextClipsOrLeavesOutAndSaysSo) {
  const auto fitted = FitCases(CasesOf("extended"), WithContext(2304), {});
  const SelectedCase& sweep = Find(fitted, "kv_sweep", nlohmann::json::object());
  EXPECT_EQ(sweep.point.params["depths"], nlohmann::json({0, 512, 1024, 2048}));
  EXPECT_THAT(sweep.point.params["clipped"].get<std::string>(), HasSubstr("context is 2304"));
  EXPECT_TRUE(sweep.why_not.empty());
  EXPECT_THAT(Find(fitted, "decode", {{"depth", 8192}}).why_not,
              HasSubstr("8320 positions are needed, but the model's context is 2304 tokens"));
  const SelectedCase& shallow = Find(fitted, "decode", {{"depth", 2048}});
  EXPECT_TRUE(shallow.why_not.empty());
  EXPECT_FALSE(shallow.point.params.contains("clipped"));
}

TEST(FitCases, HeadsThatFillNoBlockOfACacheLeaveItOut) {
  Model model = WithContext(1 << 20);
  model.shape.head_dim = 100;  // as models have it, and no multiple of 32
  const auto fitted = FitCases(CasesOf("extended"), model, {});
  const std::string why = Find(fitted, "kv_quant", {{"kv", "q8_0"}}).why_not;
  EXPECT_THAT(why, HasSubstr("heads are of 100 values"));
  EXPECT_THAT(why, HasSubstr("q8_0"));
  EXPECT_EQ(Find(fitted, "kv_quant", {{"kv", "f16"}}).why_not, "");
}

TEST(FitCases, LittleMemoryDoesTheSame) {
  const Model model = WithContext(131072);
  const auto cases = CasesOf("extended");
  const std::uint64_t all = NeededMemory(model, FitCases(cases, model, {}), {});
  EXPECT_TRUE(Find(FitCases(cases, model, {.available_bytes = all}), "decode", {{"depth", 8192}})
                  .why_not.empty());
  const auto fitted = FitCases(cases, model, {.available_bytes = all - 1});
  EXPECT_LE(NeededMemory(model, fitted, {}), all - 1);
  EXPECT_THAT(Find(fitted, "decode", {{"depth", 8192}}).why_not, HasSubstr("memory has room"));
  EXPECT_THAT(Find(fitted, "kv_sweep", nlohmann::json::object()).point.params["clipped"],
              HasSubstr("memory has room"));
}

TEST(EstimateOf, CountsRoundsFillsAndWhatLasts) {
  const Model model = WithContext(16384);
  const auto cases = CasesOf("extended");
  const Estimate estimate = EstimateOf(cases, model, [](const Work&) { return 1.0; });
  EXPECT_EQ(estimate.lasts_s, 300);
  EXPECT_EQ(estimate.round_s, static_cast<double>(cases.size()) - 1);
  EXPECT_EQ(estimate.fill_s, 3);  // 2k and 8k tokens in f16, 2k in q8_0
}

TEST(Select, MinutesOfDecodingAddToTheBudgetOfThePreset) {
  RunRequest request;
  request.preset = "extended";
  const double usual_s = Select(request).budget_s;
  request.sustained_minutes = 30;
  const Selection longer = Select(request);
  EXPECT_EQ(longer.budget_s, usual_s + 25 * 60);
  EXPECT_EQ(Find(longer.cases, "sustained", nlohmann::json::object()).point.params["minutes"], 30);
  request.preset = "standard";
  request.workloads = {"sustained"};
  EXPECT_EQ(Select(request).budget_s, FindPreset("standard")->budget_s + 30 * 60);
  request.time_budget_s = 100;
  EXPECT_EQ(Select(request).budget_s, 100);
  request.sustained_minutes = -1;
  EXPECT_THROW(Select(request), Error);
}

}  // namespace
}  // namespace inferometer
