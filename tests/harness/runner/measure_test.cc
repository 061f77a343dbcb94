// The measuring loop with a made-up executor and clock.
#include "harness/runner/measure.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "harness/base/error.h"
#include "harness/stats/shape.h"

namespace inferometer {
namespace {

class MeasureTest : public ::testing::Test {
 protected:
  LoopResult Run(std::size_t arms, const std::function<Repetition(std::size_t, int)>& execute,
                 ScheduleOptions options = {.deadline_s = 1000, .warmup_limit_s = 100}) {
    std::vector<ArmSpec> specs;
    for (std::size_t i = 0; i < arms; ++i) {
      specs.push_back({"arm " + std::to_string(i), {{"decode_rate", 0.02}}, 0});
    }
    schedule_.emplace(std::move(specs), options);
    std::vector<int> count(arms, 0);
    LoopHooks hooks;
    hooks.now = [this] { return clock_s_; };
    hooks.execute = [this, &count, &execute](std::size_t arm) {
      clock_s_ += 1;
      return execute(arm, count[arm]++);
    };
    hooks.rows = [](std::size_t) { return std::vector<RowKey>{{"decode_rate"}}; };
    hooks.before = [this](std::size_t, Role role) { roles_.push_back(role); };
    hooks.stop = [this] { return clock_s_ >= stop_at_s_; };
    return Measure(*schedule_, hooks);
  }

  static Repetition Rate(double value, const std::string& hash = "same") {
    Repetition repetition;
    repetition.measurements = {{"decode_rate", value, {}, 0}};
    repetition.facts = {{"generated_sha256", hash}};
    return repetition;
  }

  std::optional<Schedule> schedule_;
  std::vector<Role> roles_;
  double clock_s_ = 0, stop_at_s_ = 1e9;
};

TEST_F(MeasureTest, ColdStandsApart) {
  const auto result = Run(1, [](std::size_t, int i) { return Rate(i == 0 ? 5 : 40); });
  const ArmLog& log = result.logs[0];
  ASSERT_TRUE(log.cold.has_value());
  EXPECT_EQ(log.cold->repetition.measurements[0].value, 5);
  EXPECT_EQ(log.warmups, 3u);
  ASSERT_EQ(log.samples.size(), 6u);
  for (const TimedRepetition& sample : log.samples) {
    EXPECT_EQ(sample.repetition.measurements[0].value, 40);
    EXPECT_EQ(sample.end_s - sample.start_s, 1);
  }
  EXPECT_EQ(roles_.front(), Role::kCold);
  EXPECT_EQ(roles_.back(), Role::kSample);
}

TEST_F(MeasureTest, AFailingCaseEndsAloneWithItsReason) {
  const auto result = Run(2, [](std::size_t arm, int i) {
    if (arm == 0 && i == 2) throw Error(ExitCode::kRunFailed, "the device was lost");
    return Rate(40);
  });
  EXPECT_EQ(result.logs[0].failure, "the device was lost");
  EXPECT_TRUE(result.logs[1].failure.empty());
  EXPECT_TRUE(schedule_->arms()[1].converged);
  EXPECT_EQ(std::count(result.order.begin(), result.order.end(), 0u), 3);
}

TEST_F(MeasureTest, OutputThatChangesFailsTheCase) {
  const auto result = Run(1, [](std::size_t, int i) { return Rate(40, i < 5 ? "same" : "other"); });
  EXPECT_THAT(result.logs[0].failure, ::testing::HasSubstr("generated_sha256 differs"));
}

TEST_F(MeasureTest, AMissingOrInfiniteMetricFailsTheCase) {
  auto result = Run(1, [](std::size_t, int) { return Repetition{}; });
  EXPECT_THAT(result.logs[0].failure, ::testing::HasSubstr("no decode_rate"));
  result = Run(1, [](std::size_t, int) { return Rate(std::numeric_limits<double>::infinity()); });
  EXPECT_THAT(result.logs[0].failure, ::testing::HasSubstr("not a finite number"));
}

TEST_F(MeasureTest, StopIsHonouredAfterTheRepetition) {
  stop_at_s_ = 3;
  const auto result = Run(1, [](std::size_t, int) { return Rate(40); });
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.order.size(), 3u);
  EXPECT_TRUE(result.logs[0].cold.has_value());
}

TEST_F(MeasureTest, WhatCannotBeMeasuredHereIsNoFailure) {
  const auto result = Run(1, [](std::size_t, int) {
    Repetition repetition;
    repetition.unsupported = "no page cache";
    return repetition;
  });
  EXPECT_EQ(result.logs[0].unsupported, "no page cache");
  EXPECT_TRUE(result.logs[0].failure.empty());
  EXPECT_EQ(result.order.size(), 1u);
}

TEST_F(MeasureTest, AnInjectedSlowdownIsClassified) {
  // From the 16th second on the device takes a quarter longer. Noise of 3 % keeps the interval wide
  // until then.
  const auto result = Run(1,
                          [this](std::size_t, int i) {
                            return Rate((clock_s_ > 16 ? 30 : 40) * (i % 2 ? 0.97 : 1.03));
                          },
                          {.deadline_s = 30, .warmup_most = 2});
  std::vector<double> samples;
  for (const TimedRepetition& sample : result.logs[0].samples) {
    samples.push_back(sample.repetition.measurements[0].value);
  }
  ASSERT_EQ(samples.size(), 27u);
  EXPECT_EQ(ShapeOf(samples, true), Shape::kSlowdown);
  EXPECT_FALSE(schedule_->arms()[0].converged);
}

}  // namespace
}  // namespace inferometer
