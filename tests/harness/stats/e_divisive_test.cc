// E-Divisive on series with and without changes.
#include "harness/stats/e_divisive.h"

#include <gtest/gtest.h>

#include <vector>

#include "harness/base/random.h"

namespace inferometer {
namespace {

std::vector<double> Normal(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> x;
  for (std::size_t i = 0; i < n; ++i) x.push_back(random.Normal());
  return x;
}

TEST(EDivisive, FindsAStepOfThreeDeviations) {
  std::vector<double> x = Normal(40, 1);
  for (std::size_t i = 25; i < x.size(); ++i) x[i] += 3;
  const std::vector<Divide> found = EDivisive(x);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(static_cast<double>(found[0].at), 25, 1);
  EXPECT_EQ(found[0].p, 1.0 / 2000);  // none of the permutations parts as well
}

TEST(EDivisive, FindsThreePointsAtTheEndOfALongSeries) {
  std::vector<double> x = Normal(50, 2);
  for (std::size_t i = 47; i < x.size(); ++i) x[i] += 8;
  const std::vector<Divide> found = EDivisive(x);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at, 47u);
}

TEST(EDivisive, FindsSeveralInOrder) {
  std::vector<double> x = Normal(60, 3);
  for (std::size_t i = 20; i < x.size(); ++i) x[i] += i < 40 ? 6 : 12;
  const std::vector<Divide> found = EDivisive(x);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NEAR(static_cast<double>(found[0].at), 20, 1);
  EXPECT_NEAR(static_cast<double>(found[1].at), 40, 1);
}

TEST(EDivisive, SeldomFindsWhatIsNotThere) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    found += EDivisive(Normal(40, 100 + seed), {.permutations = 999}).size();
  }
  EXPECT_LE(found, 1u);
}

TEST(EDivisive, NothingToDivide) {
  EXPECT_TRUE(EDivisive({}).empty());
  EXPECT_TRUE(EDivisive(std::vector<double>{1, 1, 9, 9}).empty());  // below two segments
  EXPECT_TRUE(EDivisive(std::vector<double>(30, 5.0)).empty());
}

}  // namespace
}  // namespace inferometer
