// Medians, intervals, spread, quantiles, bootstrap and lines against independently computed values.
// Where a value is from numpy or scipy (1.24 and 1.17), the call stands beside it.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "harness/base/random.h"
#include "harness/stats/bootstrap.h"
#include "harness/stats/linear_fit.h"
#include "harness/stats/median.h"
#include "harness/stats/quantile.h"
#include "harness/stats/spread.h"
#include "harness/stats/trend.h"

namespace inferometer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Median, IsPythonsStatisticsMedian) {
  EXPECT_EQ(Median(std::vector<double>{3, 1, 2}), 2);
  EXPECT_EQ(Median(std::vector<double>{0.1, 0.7, 0.2, 0.4}), (0.2 + 0.4) / 2);
  EXPECT_TRUE(std::isnan(Median({})));
}

TEST(MedianInterval, RanksAreExactBinomial) {
  // scipy.stats.binom.cdf(k - 1, n, 0.5) <= 0.025 < scipy.stats.binom.cdf(k, n, 0.5)
  const std::vector<std::pair<std::size_t, std::size_t>> ranks = {
      {0, 0},  {1, 0},  {5, 0},   {6, 1},   {7, 1},    {8, 1},      {9, 2},      {10, 2},
      {15, 4}, {20, 6}, {30, 10}, {50, 18}, {100, 40}, {1000, 469}, {5000, 2431}};
  for (const auto& [n, rank] : ranks) EXPECT_EQ(MedianIntervalRank(n), rank) << n;
}

TEST(MedianInterval, IsAbsentBelowSixAndThenTheExtremes) {
  EXPECT_FALSE(MedianInterval95(std::vector<double>{1, 2, 3, 4, 5}).has_value());
  const auto interval = MedianInterval95(std::vector<double>{6, 1, 5, 2, 4, 3});
  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->low, 1);
  EXPECT_EQ(interval->high, 6);
}

TEST(Spread, MadAndModifiedZ) {
  const std::vector<double> x = {2.1, 2.3, 2.2, 9.0, 2.25, 2.15};
  EXPECT_NEAR(Mad(x), 0.075, 1e-12);  // scipy.stats.median_abs_deviation(x)
  EXPECT_NEAR(ModifiedZ(x)[3], 0.6745 * (9.0 - 2.225) / 0.075, 1e-9);
  EXPECT_THAT(Outliers(x), ElementsAre(3u));
}

TEST(Spread, EqualSamplesHaveNoOutliersAndOneStrangerIsSeenAmongEquals) {
  EXPECT_THAT(Outliers(std::vector<double>{5, 5, 5, 5}), IsEmpty());
  EXPECT_THAT(Outliers(std::vector<double>{5, 5, 5, 5, 5, 5, 5, 50}), ElementsAre(7u));
  EXPECT_THAT(ModifiedZ({}), IsEmpty());
}

TEST(Quantile, IsNumpysDefault) {
  const std::vector<double> x = {2.1, 2.3, 2.2, 9.0, 2.25, 2.15};
  // numpy.quantile(x, p)
  const std::vector<std::pair<double, double>> expected = {
      {0, 2.1}, {0.05, 2.1125}, {0.25, 2.1625}, {0.5, 2.225}, {0.95, 7.325}, {0.99, 8.665}, {1, 9}};
  for (const auto& [p, value] : expected) EXPECT_NEAR(Quantile(x, p), value, 1e-12) << p;
  EXPECT_EQ(Quantile(std::vector<double>{4}, 0.99), 4);
  EXPECT_TRUE(std::isnan(Quantile({}, 0.5)));
}

double MedianOf(std::span<const double> x) { return Median(x); }

TEST(Bootstrap, MatchesASecondImplementationOfTheScheme) {
  // Python: resamples of s[k : k + block], k = mix64(state++) % (n - block + 1), state = mix64(7);
  // numpy.quantile([numpy.median(r) ...], [0.025, 0.975]) over 500 resamples.
  const std::vector<double> s = {10.1, 9.8, 10.4, 10.0, 12.5, 9.9, 10.2, 10.3, 9.7, 10.6};
  const auto single = Bootstrap(s, MedianOf, {.resamples = 500, .seed = 7});
  const auto blocks = Bootstrap(s, MedianOf, {.resamples = 500, .seed = 7, .block = 3});
  ASSERT_TRUE(single && blocks);
  EXPECT_NEAR(single->low, 9.9, 1e-9);
  EXPECT_NEAR(single->high, 10.42625, 1e-9);
  EXPECT_NEAR(blocks->low, 10.0, 1e-9);
  EXPECT_NEAR(blocks->high, 10.35, 1e-9);
}

TEST(Bootstrap, BlocksWidenTheIntervalOfDependentSamples) {
  // An autoregressive series with coefficient 0.9: its mean is far less certain than that of
  // independent samples, which single draws cannot see.
  Random random(3);
  std::vector<double> series;
  double x = 0;
  for (int i = 0; i < 512; ++i) series.push_back(x = 0.9 * x + random.Normal());
  const auto mean = [](std::span<const double> s) {
    double sum = 0;
    for (const double v : s) sum += v;
    return sum / static_cast<double>(s.size());
  };
  const auto single = Bootstrap(series, mean);
  const auto blocks = Bootstrap(series, mean, {.block = 32});
  ASSERT_TRUE(single && blocks);
  EXPECT_GT(blocks->high - blocks->low, 2 * (single->high - single->low));
}

TEST(Bootstrap, RefusesWhatCannotBeResampled) {
  const std::vector<double> s = {1, 2};
  EXPECT_FALSE(Bootstrap({}, MedianOf).has_value());
  EXPECT_FALSE(Bootstrap(s, MedianOf, {.block = 3}).has_value());
  EXPECT_FALSE(Bootstrap(s, MedianOf, {.block = 0}).has_value());
  EXPECT_FALSE(Bootstrap(s, MedianOf, {.resamples = 0}).has_value());
  EXPECT_EQ(BlockLength(27), 3u);
  EXPECT_EQ(BlockLength(28), 4u);
}

TEST(Lines, TheilSenIgnoresTheOutlierThatLeastSquaresFollows) {
  const std::vector<double> x = {0, 1, 2, 3, 4, 5, 6, 7.5};
  const std::vector<double> y = {1.0, 3.1, 4.9, 7.2, 9.1, 40, 13.0, 16.2};
  const Line robust = TheilSen(x, y);  // scipy.stats.theilslopes(y, x)
  EXPECT_NEAR(robust.slope, 2.025833333333333, 1e-12);
  EXPECT_NEAR(robust.intercept, 1.059583333333335, 1e-12);
  const LinearFit fit = FitLine(x, y);  // scipy.stats.linregress(x, y)
  EXPECT_NEAR(fit.slope, 2.925358851674641, 1e-12);
  EXPECT_NEAR(fit.intercept, 1.3909090909090907, 1e-12);
  EXPECT_NEAR(fit.r_squared, 0.3607876155244505, 1e-12);
}

TEST(Lines, OneXHasNoSlope) {
  const std::vector<double> x = {2, 2, 2}, y = {1, 2, 3};
  EXPECT_TRUE(std::isnan(TheilSen(x, y).slope));
  EXPECT_TRUE(std::isnan(FitLine(x, y).slope));
}

TEST(MannKendall, CountsPairsAndCorrectsForTies) {
  const std::vector<double> x = {23, 24, 29, 6, 29, 24, 24, 29, 23, 29};
  // s = sum of signs of all pairs = 9, variance 111.667 with three groups of ties, computed apart
  // in Python; p = 2 * scipy.stats.norm.sf(z)
  const TrendTest test = MannKendall(x);
  EXPECT_EQ(test.s, 9);
  EXPECT_NEAR(test.z, 0.7570563574518141, 1e-12);
  EXPECT_NEAR(test.p, 0.44901609906012674, 1e-12);
  EXPECT_EQ(MannKendall(std::vector<double>{1, 1, 1}).p, 1);
  EXPECT_LT(MannKendall(std::vector<double>{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}).p, 0.001);
}

}  // namespace
}  // namespace inferometer
