// The schedule on made-up durations and values: warm-up, stopping, order, budget.
#include "harness/runner/schedule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "harness/stats/known.h"

namespace inferometer {
namespace {

ArmSpec Spec(const std::string& name, double estimate_s = 0) {
  return {name, {{"decode_rate", 0.02}}, estimate_s};
}

// Runs the schedule to its end; every repetition takes `duration_s` and yields value(arm, i).
std::vector<std::size_t> RunAll(Schedule& schedule, double duration_s,
                                const std::function<double(std::size_t, std::size_t)>& value,
                                double* clock_s = nullptr) {
  double now_s = 0;
  std::vector<std::size_t> order, count(schedule.arms().size(), 0);
  while (const auto arm = schedule.Next(now_s)) {
    order.push_back(*arm);
    now_s += duration_s;
    const double v = value(*arm, count[*arm]++);
    schedule.Report(*arm, duration_s, {&v, 1});
  }
  if (clock_s) *clock_s = now_s;
  return order;
}

TEST(Schedule, ASteadyArmStopsAtSixSamplesAfterColdAndThreeWarmups) {
  Schedule schedule({Spec("a")}, {.deadline_s = 1000, .warmup_limit_s = 100});
  const auto order = RunAll(schedule, 1, [](std::size_t, std::size_t) { return 40.0; });
  EXPECT_EQ(order.size(), 10u);  // 1 cold, 3 warm-up, 6 samples: the least with an interval
  const Arm& arm = schedule.arms()[0];
  EXPECT_TRUE(arm.converged);
  EXPECT_EQ(arm.warmup.size(), 3u);
  EXPECT_EQ(arm.warmup_stop, "steady");
  EXPECT_EQ(arm.repetitions(), 6u);
}

TEST(Schedule, TheColdRepetitionAndWarmupAreNoSamples) {
  Schedule schedule({Spec("a")}, {.deadline_s = 1000, .warmup_limit_s = 100});
  RunAll(schedule, 1, [](std::size_t, std::size_t i) {
    return i < 4 ? 10.0 + static_cast<double>(i) * 10.0 : 50.0;
  });
  // 10 cold, 20 30 40 50 50 50 warm-up, then only 50.
  EXPECT_THAT(schedule.arms()[0].warmup, ::testing::ElementsAre(20, 30, 40, 50, 50, 50));
  EXPECT_THAT(schedule.arms()[0].samples[0], ::testing::Each(50.0));
}

TEST(Schedule, NoiseIsSampledUntilTheIntervalIsNarrowOrTheLimitIsReached) {
  // Alternates by 10 %: never within 2 %.
  const auto noisy = [](std::size_t, std::size_t i) { return i % 2 ? 40.0 : 44.0; };
  Schedule schedule({Spec("a")}, {.deadline_s = 1000, .most = 30, .warmup_most = 5});
  RunAll(schedule, 0.1, noisy);
  EXPECT_FALSE(schedule.arms()[0].converged);
  EXPECT_EQ(schedule.arms()[0].repetitions(), 30u);
  EXPECT_EQ(schedule.arms()[0].warmup_stop, "limit");
  EXPECT_EQ(schedule.arms()[0].warmup.size(), 5u);
}

TEST(Schedule, EveryMetricMustBeKnown) {
  Schedule schedule({{"a", {{"decode_rate", 0.02}, {"itl_p95", 0.05}}, 0}},
                    {.deadline_s = 1000, .most = 20});
  for (int i = 0; const auto arm = schedule.Next(0); ++i) {
    const double values[] = {40, i % 2 ? 1.0 : 1.5};
    schedule.Report(*arm, 0.1, values);
  }
  EXPECT_FALSE(schedule.arms()[0].converged);
  EXPECT_EQ(schedule.arms()[0].repetitions(), 20u);
}

TEST(Schedule, OrderIsAFunctionOfTheSeedAndInterleaves) {
  const auto order_of = [](std::uint64_t seed) {
    Schedule schedule({Spec("a"), Spec("b"), Spec("c"), Spec("d")},
                      {.seed = seed, .deadline_s = 1000});
    return RunAll(schedule, 0.1, [](std::size_t, std::size_t) { return 1.0; });
  };
  EXPECT_EQ(order_of(1), order_of(1));
  EXPECT_NE(order_of(1), order_of(2));
  // Each round of four holds each arm once.
  const auto order = order_of(3);
  ASSERT_EQ(order.size() % 4, 0u);
  bool rounds_differ = false;
  for (std::size_t i = 0; i < order.size(); i += 4) {
    std::vector<std::size_t> round(order.begin() + i, order.begin() + i + 4);
    rounds_differ |= !std::equal(round.begin(), round.end(), order.begin());
    std::sort(round.begin(), round.end());
    EXPECT_THAT(round, ::testing::ElementsAre(0u, 1u, 2u, 3u));
  }
  EXPECT_TRUE(rounds_differ);
}

TEST(Schedule, KeepsTheBudget) {
  Schedule schedule({Spec("a", 1.5), Spec("b", 1.5)}, {.deadline_s = 10, .warmup_limit_s = 2});
  double end_s = 0;
  RunAll(schedule, 1.5, [](std::size_t, std::size_t i) { return i % 2 ? 40.0 : 50.0; }, &end_s);
  EXPECT_LE(end_s, 10);
  EXPECT_GT(end_s, 8.5 - 1e-9);
  for (const Arm& arm : schedule.arms()) {
    EXPECT_GE(arm.repetitions(), 1u);
    EXPECT_FALSE(arm.converged);
  }
}

TEST(Schedule, AnArmThatCannotFitIsNotBegunAndTheOthersGoOn) {
  Schedule schedule({Spec("slow", 60), Spec("fast", 0.1)}, {.deadline_s = 10});
  const auto order = RunAll(schedule, 0.1, [](std::size_t, std::size_t) { return 1.0; });
  EXPECT_THAT(order, ::testing::Each(1u));
  EXPECT_FALSE(schedule.arms()[0].cold_done);
  EXPECT_TRUE(schedule.arms()[1].converged);
}

TEST(Schedule, AnExpensiveArmSkipsWarmupForTheSakeOfSamples) {
  Schedule schedule({Spec("a")}, {.deadline_s = 50, .warmup_limit_s = 10});
  RunAll(schedule, 12, [](std::size_t, std::size_t) { return 1.0; });
  EXPECT_EQ(schedule.arms()[0].warmup.size(), 0u);
  EXPECT_EQ(schedule.arms()[0].warmup_stop, "limit");
  EXPECT_EQ(schedule.arms()[0].repetitions(), 3u);
}

TEST(Schedule, EtaShrinksToZeroAndIsNeverBeyondTheDeadline) {
  Schedule schedule({Spec("a", 1)}, {.deadline_s = 1000, .warmup_limit_s = 100});
  const double before = schedule.Eta(0);
  EXPECT_NEAR(before, 10, 1e-9);  // 1 cold, 3 warm-up, 6 samples
  EXPECT_EQ(schedule.Eta(998), 2);
  RunAll(schedule, 1, [](std::size_t, std::size_t) { return 1.0; });
  EXPECT_EQ(schedule.Eta(10), 0);
}

ArmSpec Lasting(double seconds) {
  ArmSpec spec = Spec("lasting", seconds);
  spec.lasts_s = seconds;
  return spec;
}

TEST(Schedule, AnArmThatLastsRunsOnceAndLastInTheTimeSetAside) {
  Schedule schedule({Lasting(40), Spec("noisy", 1)}, {.deadline_s = 100, .warmup_limit_s = 2});
  double now_s = 0;
  std::vector<std::size_t> order;
  double eta_s = 0;
  for (int i = 0; const auto arm = schedule.Next(now_s); ++i) {
    if (*arm == 0) {
      EXPECT_EQ(schedule.NextRole(0), Role::kSample);
      EXPECT_LE(now_s, 60 + 1e-9);
      EXPECT_GT(now_s, 58);
      eta_s = schedule.Eta(now_s);
    }
    const double took_s = *arm == 0 ? 40 : 1, value = i % 2 ? 40 : 50;
    order.push_back(*arm);
    now_s += took_s;
    schedule.Report(*arm, took_s, {&value, 1});
  }
  EXPECT_EQ(eta_s, 40);
  EXPECT_EQ(std::count(order.begin(), order.end(), 0u), 1);
  EXPECT_EQ(order.back(), 0u);
  EXPECT_LE(now_s, 100 + 1e-9);
}

TEST(Schedule, WhatWouldTakeMostOfTheTimeIsLeftOutForTheOthers) {
  Schedule schedule({Lasting(60), Spec("a", 1)}, {.deadline_s = 100});
  const auto order = RunAll(schedule, 1, [](std::size_t, std::size_t) { return 40.0; });
  EXPECT_THAT(order, ::testing::Each(1u));
  EXPECT_TRUE(schedule.arms()[0].finished);
  // Alone it may take all of it, and no more.
  Schedule alone({Lasting(60)}, {.deadline_s = 100});
  EXPECT_EQ(alone.Next(0), 0u);
  Schedule too_long({Lasting(200)}, {.deadline_s = 100});
  EXPECT_FALSE(too_long.Next(0).has_value());
}

TEST(Schedule, TheFirstRepetitionMayTakeLongerAndIsNotBegunWhereItDoesNotFit) {
  ArmSpec deep = Spec("deep", 1);
  deep.first_s = 30;
  Schedule schedule({deep}, {.deadline_s = 100, .warmup_limit_s = 100});
  EXPECT_NEAR(schedule.Eta(0), 40, 1e-9);  // 30 to fill, 1 cold, 3 warm-up, 6 samples
  EXPECT_TRUE(schedule.Next(0).has_value());
  const double value = 1;
  schedule.Report(0, 31, {&value, 1});
  EXPECT_LT(schedule.Eta(31), 70);
  Schedule late({deep}, {.deadline_s = 20});
  EXPECT_FALSE(late.Next(0).has_value());
}

TEST(IsKnown, ACountIsKnownToTheWholeNumber) {
  const std::vector<double> none(6, 0.0), mixed = {0, 0, 1, 0, 1, 0}, wild = {0, 9, 3, 0, 7, 2};
  EXPECT_TRUE(IsKnown(none, 0.05));
  EXPECT_FALSE(IsKnown(mixed, 0.05));
  EXPECT_TRUE(IsKnown(mixed, 0.05, 0.5));
  EXPECT_FALSE(IsKnown(wild, 0.05, 0.5));
}

}  // namespace
}  // namespace inferometer
