// What the preset `leaderboard` refuses before it measures.
#include "harness/runner/demands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

RunRequest Leaderboard() {
  RunRequest request;
  request.preset = "leaderboard";
  return request;
}

std::string Refusal(const RunRequest& request, bool debug_build = false) {
  try {
    CheckDemands(request, debug_build);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "";
}

TEST(Demands, RefuseWhatTheLeaderboardWouldRefuse) {
  EXPECT_EQ(Refusal(Leaderboard()), "");
  EXPECT_THAT(Refusal(Leaderboard(), true), HasSubstr("optimized"));
  RunRequest request = Leaderboard();
  request.seed = 2;
  EXPECT_THAT(Refusal(request), HasSubstr("--seed 1"));
  request = Leaderboard();
  request.wait = false;
  EXPECT_THAT(Refusal(request), HasSubstr("--no-wait"));
  request = Leaderboard();
  request.workloads = {"decode"};
  EXPECT_THAT(Refusal(request), HasSubstr("--workload"));
  request.preset = "standard";
  request.seed = 2;
  request.wait = false;
  EXPECT_EQ(Refusal(request, true), "");
}

TEST(Demands, AQuietMachine) {
  const nlohmann::json busy = {
      {"start_gate",
       {{"settled", false}, {"reason", "other programs used 40 % of the processors"}}}};
  try {
    RequireQuiet(Leaderboard(), busy);
    ADD_FAILURE() << "a busy machine was let through";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kRunFailed);
    EXPECT_THAT(error.what(), HasSubstr("used 40 %"));
    EXPECT_THAT(error.what(), HasSubstr("run again"));
  }
  EXPECT_NO_THROW(RequireQuiet(Leaderboard(), {{"start_gate", {{"settled", true}}}}));
  RunRequest standard;
  EXPECT_NO_THROW(RequireQuiet(standard, busy));
}

}  // namespace
}  // namespace inferometer
