// Injected patterns are classified right: delay from a given time, drift, spike, two modes,
// warm-up.
#include "harness/stats/shape.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "harness/base/random.h"

namespace inferometer {
namespace {

std::vector<double> Series(std::size_t n, const std::function<double(std::size_t)>& level) {
  Random random(11);
  std::vector<double> x;
  for (std::size_t i = 0; i < n; ++i) x.push_back(level(i) * (1 + 0.004 * random.Normal()));
  return x;
}

TEST(Shape, SteadyIsFlat) {
  EXPECT_EQ(ShapeOf(Series(20, [](std::size_t) { return 40.0; }), true), Shape::kFlat);
  EXPECT_EQ(ShapeOf({}, true), Shape::kFlat);
}

TEST(Shape, DelayFromAGivenTimeIsASlowdown) {
  const auto rate = Series(20, [](std::size_t i) { return i < 12 ? 40.0 : 32.0; });
  EXPECT_EQ(ShapeOf(rate, true), Shape::kSlowdown);
  EXPECT_EQ(ShapeOf(rate, false), Shape::kWarmup);  // as a latency the same series improves
  // Also when it came only at the very end.
  EXPECT_EQ(ShapeOf(Series(20, [](std::size_t i) { return i < 17 ? 40.0 : 30.0; }), true),
            Shape::kSlowdown);
}

TEST(Shape, SteadyDriftIsASlowdown) {
  const auto rate = Series(30, [](std::size_t i) { return 40.0 - 0.4 * static_cast<double>(i); });
  EXPECT_EQ(ShapeOf(rate, true), Shape::kSlowdown);
}

TEST(Shape, SlowStartIsAWarmup) {
  EXPECT_EQ(ShapeOf(Series(20, [](std::size_t i) { return i < 5 ? 25.0 : 40.0; }), true),
            Shape::kWarmup);
}

TEST(Shape, StillRisingAtTheEndIsNoSteadyState) {
  EXPECT_EQ(ShapeOf(Series(20, [](std::size_t i) { return i < 16 ? 25.0 : 40.0; }), true),
            Shape::kNone);
}

TEST(Shape, OneSpikeStaysFlat) {
  EXPECT_EQ(ShapeOf(Series(20, [](std::size_t i) { return i == 9 ? 20.0 : 40.0; }), true),
            Shape::kFlat);
}

TEST(Shape, TwoModesAreNoSteadyState) {
  EXPECT_EQ(ShapeOf(Series(20, [](std::size_t i) { return i % 2 ? 40.0 : 30.0; }), true),
            Shape::kNone);
  EXPECT_EQ(ShapeOf(Series(24, [](std::size_t i) { return i / 4 % 2 ? 40.0 : 30.0; }), true),
            Shape::kNone);
}

TEST(Shape, AStepBelowOnePercentIsFlat) {
  std::vector<double> x(20, 40.0);
  for (std::size_t i = 10; i < 20; ++i) x[i] = 39.8;
  EXPECT_EQ(ShapeOf(x, true), Shape::kFlat);
}

}  // namespace
}  // namespace inferometer
