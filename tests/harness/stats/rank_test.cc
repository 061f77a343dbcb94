// Rank estimates and tests against textbook examples and full enumeration.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "harness/stats/hodges_lehmann.h"
#include "harness/stats/mann_whitney.h"
#include "harness/stats/rank_counts.h"

namespace inferometer {
namespace {

TEST(PairedShift, DepressionScale) {
  // Hollander & Wolfe, table 3.1; R's help page of wilcox.test uses the same data.
  const std::vector<double> before = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
  const std::vector<double> after = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
  std::vector<double> differences;
  for (std::size_t i = 0; i < before.size(); ++i) differences.push_back(after[i] - before[i]);
  const Shift shift = PairedShift(differences);
  EXPECT_NEAR(shift.estimate, -0.46, 1e-12);
  ASSERT_TRUE(shift.interval.has_value());
  EXPECT_NEAR(shift.interval->low, -0.786, 1e-12);
  EXPECT_NEAR(shift.interval->high, -0.010, 1e-12);
}

TEST(PairedShift, FiveDifferencesCannotGive95Percent) {
  EXPECT_FALSE(PairedShift(std::vector<double>{1, 2, 3, 4, 5}).interval.has_value());
  const Shift six = PairedShift(std::vector<double>{1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(six.interval.has_value());
  EXPECT_EQ(six.interval->low, 1);
  EXPECT_EQ(six.interval->high, 6);
}

TEST(PairedShift, NormalBeyondTheExactRangeAgreesWithIt) {
  std::vector<double> exact, beyond;
  for (int i = 0; i < 300; ++i) exact.push_back(i % 17 - 0.01 * i);
  beyond = exact;
  beyond.push_back(exact[150]);
  const Shift a = PairedShift(exact), b = PairedShift(beyond);
  ASSERT_TRUE(a.interval && b.interval);
  EXPECT_NEAR(a.interval->low, b.interval->low, 0.05);
  EXPECT_NEAR(a.interval->high, b.interval->high, 0.05);
}

TEST(RankCounts, SignedRankRanksByEnumeration) {
  // Python: itertools.combinations over the ranks 1..n, all 2^n subsets.
  const std::vector<std::vector<std::size_t>> expected = {{5, 0, 1},    {6, 1, 3},   {7, 3, 4},
                                                          {8, 4, 6},    {9, 6, 9},   {10, 9, 11},
                                                          {12, 14, 18}, {15, 26, 31}};
  for (const auto& row : expected) {
    std::vector<std::size_t> ranks(row[0]);
    std::iota(ranks.begin(), ranks.end(), std::size_t{1});
    const std::vector<double> sums = SubsetSums(ranks);
    EXPECT_NEAR(std::accumulate(sums.begin(), sums.end(), 0.0), 1, 1e-12);
    EXPECT_EQ(LowerTailRank(sums, 0.025), row[1]) << row[0];
    EXPECT_EQ(LowerTailRank(sums, 0.05), row[2]) << row[0];
  }
}

// Critical values of published tables, two-sided at 5 %: the largest statistic that is significant.
// Signed rank: Wilcoxon, Wilcox 1964 (Some Rapid Approximate Statistical Procedures), as reprinted
// in most textbooks; below n = 6 there is none.
TEST(RankCounts, SignedRankCriticalValuesOfPublishedTables) {
  const std::vector<std::vector<std::size_t>> table = {{6, 0},   {7, 2},   {8, 3},   {9, 5},
                                                       {10, 8},  {11, 10}, {12, 13}, {13, 17},
                                                       {14, 21}, {15, 25}, {16, 29}, {20, 52}};
  for (const auto& row : table) {
    std::vector<std::size_t> ranks(row[0]);
    std::iota(ranks.begin(), ranks.end(), std::size_t{1});
    EXPECT_EQ(LowerTailRank(SubsetSums(ranks), 0.025), row[1] + 1) << row[0];
  }
  const std::vector<std::size_t> five = {1, 2, 3, 4, 5};
  EXPECT_EQ(LowerTailRank(SubsetSums(five), 0.025), 0u);
}

// Mann–Whitney U: Mann, Whitney 1947 and Auble 1953, as reprinted in most textbooks.
TEST(MannWhitney, CriticalValuesOfPublishedTables) {
  const struct {
    int a, b, critical;
  } kTable[] = {{4, 4, 0},  {5, 5, 2},    {5, 8, 6},   {6, 6, 5},    {7, 7, 8},    {8, 8, 13},
                {9, 9, 17}, {10, 10, 23}, {6, 12, 14}, {12, 12, 37}, {15, 15, 64}, {20, 20, 127}};
  for (const auto& row : kTable) {
    // Samples without ties whose U is `u`: all of a lie below all of b, then one of a is moved up.
    const auto p_of = [&](int u) {
      std::vector<double> a, b;
      for (int i = 0; i < row.a; ++i) a.push_back(i);
      for (int i = 0; i < row.b; ++i) b.push_back(1000 + 10 * i);
      // Each of a above k of b adds k to U.
      for (int i = row.a - 1; i >= 0 && u > 0; --i) {
        const int k = std::min(u, row.b);
        a[static_cast<std::size_t>(i)] = 1000 + 10 * (k - 1) + 5 - 0.1 * (row.a - i);
        u -= k;
      }
      return MannWhitney(a, b).p;
    };
    EXPECT_LE(p_of(row.critical), 0.05) << row.a << " and " << row.b;
    EXPECT_GT(p_of(row.critical + 1), 0.05) << row.a << " and " << row.b;
  }
}

TEST(UnpairedShift, MembranePermeability) {
  // Hollander & Wolfe, table 4.1; R: wilcox.test(x, y, conf.int = TRUE) gives W = 35, 0.305 and
  // (-0.15, 0.76) for x - y.
  const std::vector<double> x = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const std::vector<double> y = {1.15, 0.88, 0.90, 0.74, 1.21};
  const Shift shift = UnpairedShift(x, y);
  EXPECT_NEAR(shift.estimate, -0.305, 1e-12);
  ASSERT_TRUE(shift.interval.has_value());
  EXPECT_NEAR(shift.interval->low, -0.76, 1e-12);
  EXPECT_NEAR(shift.interval->high, 0.15, 1e-12);
  const RankTest test = MannWhitney(x, y);
  EXPECT_EQ(test.statistic, 35);
  EXPECT_TRUE(test.exact);
  // scipy.stats.mannwhitneyu(x, y, method="exact")
  EXPECT_NEAR(test.p, 0.2544122544122544, 1e-12);
}

TEST(MannWhitney, TiesByEnumerationOfAllAssignments) {
  const std::vector<double> a = {1, 2, 2, 3, 5}, b = {2, 3, 3, 6, 7, 8};
  const RankTest test = MannWhitney(a, b);
  EXPECT_EQ(test.statistic, 6);
  EXPECT_NEAR(test.p, 0.12337662337662338, 1e-12);  // 57 of the 462 assignments are as extreme
}

TEST(MannWhitney, LargeSamplesAreNormalWithCorrections) {
  std::vector<double> a, b;
  for (int i = 0; i < 50; ++i) a.push_back(i * 37 % 101 / 10.0);
  for (int i = 0; i < 45; ++i) b.push_back(i * 53 % 97 / 10.0 + 1);
  const RankTest test = MannWhitney(a, b);
  EXPECT_FALSE(test.exact);
  EXPECT_EQ(test.statistic, 1017.5);
  // scipy.stats.mannwhitneyu(a, b, method="asymptotic")
  EXPECT_NEAR(test.p, 0.42510224821762144, 1e-12);
}

TEST(MannWhitney, NothingToCompareIsNoDifference) {
  const std::vector<double> a = {1, 2, 3};
  EXPECT_EQ(MannWhitney(a, {}).p, 1);
  EXPECT_EQ(MannWhitney(std::vector<double>(3, 7.0), std::vector<double>(3, 7.0)).p, 1);
}

}  // namespace
}  // namespace inferometer
