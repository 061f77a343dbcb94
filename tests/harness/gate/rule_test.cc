// The rule on hand-made pairs.
#include "harness/gate/rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace inferometer {
namespace {

// n log ratios around `worse`, `spread` to either side.
std::vector<double> Around(double worse, double spread, std::size_t n) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) {
    const double place = n == 1 ? 0 : 2.0 * static_cast<double>(i) / static_cast<double>(n - 1) - 1;
    values.push_back(worse + spread * place);
  }
  return values;
}

Verdict Confirmed(const std::vector<double>& worse, double threshold = 0.03) {
  return Decide(PairedEffect(worse), threshold, true);
}

TEST(Rule, FlagsWhatIsBeyondTheThresholdAndCertain) {
  EXPECT_EQ(Confirmed(Around(0.05, 0.02, 12)), Verdict::kRegression);
  EXPECT_EQ(Confirmed(Around(-0.05, 0.02, 12)), Verdict::kImprovement);
}

TEST(Rule, NeitherSizeNorCertaintyAloneFlags) {
  EXPECT_EQ(Confirmed(Around(0.02, 0.005, 12)), Verdict::kPass);          // certain, but small
  EXPECT_EQ(Confirmed(Around(0.05, 0.40, 12)), Verdict::kInconclusive);   // large, but uncertain
  EXPECT_EQ(Confirmed(Around(0.025, 0.02, 12)), Verdict::kInconclusive);  // neither shown
}

TEST(Rule, TheFirstStageNeverFlags) {
  EXPECT_EQ(Decide(PairedEffect(Around(0.5, 0.01, 12)), 0.03, false), Verdict::kInconclusive);
}

TEST(Rule, FivePairsDecideNothing) {
  for (const double worse : {-5.0, -0.1, 0.0, 0.1, 5.0}) {
    EXPECT_EQ(Confirmed(Around(worse, 0, 5)), Verdict::kInconclusive) << worse;
    EXPECT_EQ(Decide(UnpairedEffect(Around(0, 0, 5), Around(worse, 0, 50)), 0.03, true),
              Verdict::kInconclusive);
  }
  EXPECT_EQ(Confirmed(Around(5, 0.1, 6)), Verdict::kRegression);  // 2/2^6 is 0.031
}

TEST(Rule, OneSpoiltPairOfTwelveHidesNothing) {
  std::vector<double> worse = Around(0.08, 0.02, 12);
  for (const double spoilt : {-0.5, 0.5}) {
    worse[4] = spoilt;
    EXPECT_EQ(Confirmed(worse), Verdict::kRegression) << spoilt;
  }
}

TEST(Rule, SuspectsAreThoseNearTheThreshold) {
  EXPECT_FALSE(IsSuspect(PairedEffect(Around(0.010, 0, 6)), 0.03));
  EXPECT_TRUE(IsSuspect(PairedEffect(Around(0.020, 0, 6)), 0.03));
  EXPECT_TRUE(IsSuspect(PairedEffect(Around(-0.020, 0, 6)), 0.03));
}

TEST(Rule, TellsHowSmallAChangeItCouldSee) {
  const auto quiet = SmallestSeen(PairedEffect(Around(0, 0.001, 12)), 0.03);
  const auto noisy = SmallestSeen(PairedEffect(Around(0, 0.200, 12)), 0.03);
  ASSERT_TRUE(quiet && noisy);
  EXPECT_NEAR(*quiet, 0.03, 1e-12);  // never below the threshold
  EXPECT_GT(*noisy, 0.08);
  EXPECT_FALSE(SmallestSeen(PairedEffect(Around(0, 0.1, 5)), 0.03).has_value());
}

}  // namespace
}  // namespace inferometer
