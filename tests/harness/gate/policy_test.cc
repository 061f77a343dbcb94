// Policies: what a file may say, and what it then means for a row.
#include "harness/gate/policy.h"

#include <gmock/gmock.h>

#include "harness/base/error.h"
#include "harness/gate/row.h"
#include "results/metrics.h"
#include "tests/harness/gate/made_up.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

constexpr char kHead[] =
    R"("schema": "urn:inferometer:schema:policy:1.0", "schema_version": "1.0", "kind": "policy")";

Policy Parse(const std::string& rest) {
  return ParsePolicy(std::string("{") + kHead + rest + "}", "policy.json");
}

std::string Complaint(const std::string& rest) {
  try {
    Parse(rest);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    return error.what();
  }
  return "no complaint";
}

double ThresholdOf(const Policy& policy, const char* workload, const char* metric,
                   bool paired = true) {
  return LimitOf(policy, MadeUpRow(workload, metric, {1}), paired, {}).threshold;
}

TEST(Policy, TheProgramsOwnThresholds) {
  const Policy policy;
  EXPECT_EQ(ThresholdOf(policy, "decode", "decode_rate"), 0.03);
  EXPECT_EQ(ThresholdOf(policy, "prefill", "prefill_rate"), 0.05);
  EXPECT_EQ(ThresholdOf(policy, "prefill", "ttft"), 0.05);
  EXPECT_EQ(ThresholdOf(policy, "decode", "itl_p95"), 0.10);
  EXPECT_EQ(ThresholdOf(policy, "decode", "decode_rate", false), 0.06);  // unpaired
}

TEST(Policy, EveryGatedMetricExists) {
  for (const MetricGating& row : GatingTable()) {
    EXPECT_NE(FindMetric(row.metric), nullptr) << row.metric;
  }
}

TEST(Policy, TheLastPatternThatMatchesCounts) {
  const Policy policy = Parse(R"(, "thresholds": [
      {"metric": "*_rate", "threshold": 0.2},
      {"metric": "decode_rate", "workload": "kv_*", "threshold": 0.5},
      {"metric": "ttft", "threshold": null}])");
  EXPECT_EQ(ThresholdOf(policy, "decode", "decode_rate"), 0.2);
  EXPECT_EQ(ThresholdOf(policy, "kv_sweep", "decode_rate"), 0.5);
  EXPECT_EQ(LimitOf(policy, MadeUpRow("prefill", "ttft", {1}), true, {}).how, Gating::kReport);
  EXPECT_EQ(ThresholdOf(policy, "decode", "itl_p95"), 0.10);
}

TEST(Policy, ReadsEveryKeyAndWritesItBack) {
  const Policy policy = Parse(R"(, "description": "nightly",
      "required": [{"metric": "decode_rate", "workload": "decode"}], "inconclusive": "fail",
      "outputs": "report", "costs": "report", "pairs": 8, "confirm_pairs": 16,
      "max_run_time_s": 100, "arm_time_limit_s": 10, "control": {"limit": 0.01, "retries": 0},
      "calibration": {"machine": {"cores": "2"}, "measured_at": null, "pairs": 12,
        "noise": [{"row": "r", "pair_p95": 0.1, "estimate_p95": 0.02, "detectable": 0.05}]})");
  EXPECT_TRUE(policy.inconclusive_fails);
  EXPECT_FALSE(policy.gate_outputs);
  EXPECT_FALSE(policy.gate_costs);
  EXPECT_EQ(policy.pairs, 8u);
  EXPECT_EQ(policy.control_retries, 0u);
  const nlohmann::json out = ToJson(policy);
  EXPECT_EQ(ToJson(ParsePolicy(out.dump(), "again")), out);
}

TEST(Policy, RefusesWhatItDoesNotKnowByName) {
  EXPECT_THAT(Complaint(R"(, "treshold": 1)"), HasSubstr("treshold"));
  EXPECT_THAT(Complaint(R"(, "inconclusive": "maybe")"), HasSubstr("inconclusive"));
  EXPECT_THAT(Complaint(R"(, "pairs": 0)"), HasSubstr("pairs"));
  EXPECT_THAT(Complaint(R"(, "thresholds": [{"metric": "ttft", "threshold": -1}])"),
              HasSubstr("thresholds[0].threshold"));
  EXPECT_THROW(ParsePolicy("{}", "empty"), Error);
}

TEST(Pattern, KnowsStarsAndQuestionMarks) {
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("kv_*", "kv_sweep"));
  EXPECT_TRUE(Matches("*_rate", "decode_rate"));
  EXPECT_TRUE(Matches("*a*b?", "xxaybaabc"));
  EXPECT_FALSE(Matches("decode", "decode2"));
  EXPECT_FALSE(Matches("?", ""));
  EXPECT_FALSE(Matches("", "x"));
}

}  // namespace
}  // namespace inferometer
