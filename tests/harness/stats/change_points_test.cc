// Change points are found where they were put, and rarely where there are none.
#include "harness/stats/change_points.h"

#include <gmock/gmock.h>

#include <vector>

#include "harness/base/random.h"

namespace inferometer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<double> Noise(std::size_t n, double level, double sigma, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> x;
  for (std::size_t i = 0; i < n; ++i) x.push_back(level + sigma * random.Normal());
  return x;
}

TEST(ChangePoints, FindsOneAndTwoSteps) {
  std::vector<double> x = Noise(30, 100, 0.5, 5);
  for (std::size_t i = 12; i < 30; ++i) x[i] -= 10;
  EXPECT_THAT(ChangePoints(x), ElementsAre(12u));
  for (std::size_t i = 22; i < 30; ++i) x[i] += 20;
  EXPECT_THAT(ChangePoints(x), ElementsAre(12u, 22u));
}

TEST(ChangePoints, OneSpikeIsNoLevel) {
  std::vector<double> x = Noise(20, 100, 0.5, 6);
  x[9] = 40;
  EXPECT_THAT(ChangePoints(x), IsEmpty());
}

TEST(ChangePoints, ExactStepWithoutNoise) {
  std::vector<double> x(12, 5.0);
  EXPECT_THAT(ChangePoints(x), IsEmpty());
  for (std::size_t i = 8; i < 12; ++i) x[i] = 6;
  EXPECT_THAT(ChangePoints(x), ElementsAre(8u));
}

TEST(ChangePoints, TooShortToTell) {
  EXPECT_THAT(ChangePoints(std::vector<double>{1, 1, 9, 9, 9}), IsEmpty());
  EXPECT_THAT(ChangePoints({}), IsEmpty());
}

TEST(ChangePoints, FewFalseAlarmsOnNoise) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    alarms += !ChangePoints(Noise(20, 100, 1, seed)).empty();
  }
  EXPECT_LE(alarms, 28);  // 7 % of 400; the expected share is 3 to 5 %
}

}  // namespace
}  // namespace inferometer
