// Rates by the second and where they fall, on hand-made traces.
#include "harness/workloads/endurance.h"

#include <gmock/gmock.h>

#include <vector>

#include "harness/base/error.h"
#include "harness/base/random.h"

namespace inferometer {
namespace {

TEST(RateBins, AreTokensInEachWholeSecond) {
  // Half a second each; the last bin is not whole.
  const std::vector<double> even = {0.5, 1.0, 1.5, 2.0, 2.5};
  EXPECT_THAT(RateBins(even), ::testing::ElementsAre(2, 2));
}

TEST(RateBins, ATokenCountsWhereItsTimeWas) {
  // The first takes two seconds, of which a half lies in each of the bins; the second 0.8 s.
  const std::vector<double> slow = {2.0, 2.8, 4.0};
  const auto bins = RateBins(slow);
  ASSERT_EQ(bins.size(), 4u);
  EXPECT_NEAR(bins[0], 0.5, 1e-12);
  EXPECT_NEAR(bins[1], 0.5, 1e-12);
  EXPECT_NEAR(bins[2], 1 + 0.2 / 1.2, 1e-12);
  EXPECT_NEAR(bins[3], 1.0 / 1.2, 1e-12);
  // All tokens are counted, none twice.
  EXPECT_NEAR(bins[0] + bins[1] + bins[2] + bins[3], 3, 1e-12);
}

TEST(RateBins, WhatHasNoWholeSecondHasNoBin) {
  EXPECT_TRUE(RateBins(std::vector<double>{}).empty());
  EXPECT_TRUE(RateBins(std::vector<double>{0.4, 0.9}).empty());
  EXPECT_THROW(RateBins(std::vector<double>{1, 1}), Error);
}

TEST(LastAgainstFirst, IsARatioOfMinutes) {
  std::vector<double> rates(60, 40.0);
  rates.insert(rates.end(), 60, 30.0);
  EXPECT_EQ(LastAgainstFirst(rates), 0.75);
  rates.insert(rates.begin() + 60, 100, 1000.0);  // what lies between does not count
  EXPECT_EQ(LastAgainstFirst(rates), 0.75);
  EXPECT_FALSE(LastAgainstFirst(std::vector<double>(119, 40.0)).has_value());
}

std::vector<double> Noisy(const std::vector<std::pair<int, double>>& levels) {
  Random random(7);
  std::vector<double> rates;
  for (const auto& [bins, level] : levels) {
    for (int i = 0; i < bins; ++i) rates.push_back(level * (1 + 0.01 * random.Normal()));
  }
  return rates;
}

TEST(ThrottleOnset, IsWhereTheRateFallsForGood) {
  EXPECT_EQ(ThrottleOnset(Noisy({{120, 40}, {180, 32}})), 120u);
  // It may fall further.
  EXPECT_EQ(ThrottleOnset(Noisy({{100, 40}, {100, 34}, {100, 30}})), 100u);
  // A slow start is none, what follows it is.
  EXPECT_EQ(ThrottleOnset(Noisy({{20, 30}, {130, 40}, {150, 36}})), 150u);
}

TEST(ThrottleOnset, IsAbsentWhereTheRateHoldsOrComesBack) {
  EXPECT_FALSE(ThrottleOnset(Noisy({{300, 40}})).has_value());
  EXPECT_FALSE(ThrottleOnset(Noisy({{100, 40}, {50, 30}, {150, 40}})).has_value());
  EXPECT_FALSE(ThrottleOnset(Noisy({{150, 40}, {150, 39.2}})).has_value());  // by 2 %
  EXPECT_FALSE(ThrottleOnset(Noisy({{295, 40}, {5, 20}})).has_value());      // too short to tell
  EXPECT_FALSE(ThrottleOnset(std::vector<double>{40}).has_value());
}

}  // namespace
}  // namespace inferometer
