// What ceilings take from the description of a machine, and what is said when they drift.
#include "harness/runner/ceiling_setup.h"

#include <gmock/gmock.h>

#include "harness/runner/run_ceilings.h"
#include "harness/runner/warnings.h"

namespace inferometer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const nlohmann::json kDescribed = nlohmann::json::parse(R"({
  "cpu": {"microarchitecture": "Zen 3", "cores": 8, "clock": {"max_hz": 4.9e9},
          "caches": [{"level": 1, "type": "data", "size_bytes": 32768},
                     {"level": 1, "type": "instruction", "size_bytes": 65536},
                     {"level": 1, "type": "data", "size_bytes": 49152},
                     {"level": 3, "type": "unified", "size_bytes": 33554432}]},
  "memory": {"transfer_rate": 3200000000, "modules": 2}})");

TEST(TheoryInput, IsReadWhereItIsKnown) {
  const TheoryInput input = TheoryInputOf(kDescribed);
  EXPECT_EQ(input.microarchitecture, "Zen 3");
  EXPECT_EQ(input.cores, 8);
  EXPECT_EQ(input.max_clock_hz, 4.9e9);
  EXPECT_EQ(input.transfers_per_s, 3.2e9);
  EXPECT_EQ(input.memory_modules, 2);
  const TheoryInput none = TheoryInputOf(nlohmann::json::parse(R"({"cpu": {"clock": null}})"));
  EXPECT_EQ(none.max_clock_hz, 0);
  EXPECT_EQ(none.microarchitecture, "");
}

TEST(DataCaches, AreTheLargestOfEachLevelThatHoldData) {
  EXPECT_THAT(DataCaches(kDescribed), ElementsAre(49152, 0, 33554432));
  EXPECT_THAT(DataCaches(nlohmann::json::object()), IsEmpty());
  EXPECT_THAT(DataCaches(nlohmann::json::parse(R"({"cpu": {"caches": [{"level": 1e9}]}})")),
              IsEmpty());
}

TEST(TimerCeilings, AreTheStepAndTheCostOfAReading) {
  double now_s = 0;
  const auto clock = [&now_s] { return now_s += 25e-9; };
  const std::vector<Ceiling> timer = TimerCeilings(clock, 3);
  ASSERT_THAT(timer, SizeIs(2));
  EXPECT_EQ(timer[0].metric, "timer_step");
  EXPECT_NEAR(timer[0].value, 25e-9, 1e-12);
  EXPECT_EQ(timer[1].metric, "timer_overhead");
  EXPECT_NEAR(timer[1].value, 25e-9, 1e-10);
  EXPECT_EQ(timer[1].at_s, 3);
}

TEST(ThreadCounts, AreAllUpToEightAndThenPowersOfTwo) {
  EXPECT_THAT(ThreadCountsBelow(1), IsEmpty());
  EXPECT_THAT(ThreadCountsBelow(4), ElementsAre(1, 2, 3));
  EXPECT_THAT(ThreadCountsBelow(64), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 16, 32));
}

TEST(RoofDrift, IsOfOneThingMeasuredAgain) {
  const auto make = [](double value, int threads, int bytes) {
    Ceiling ceiling;
    ceiling.metric = "cache_bandwidth", ceiling.device = "cpu:avx2", ceiling.backend = "cpu";
    ceiling.value = value, ceiling.threads = threads, ceiling.params["bytes"] = bytes;
    return ceiling;
  };
  Result result;
  result.ceilings = {make(100, 1, 4096), make(200, 2, 4096), make(50, 2, 8192)};
  EXPECT_THAT(WarningsOf({}, result), IsEmpty());
  result.ceilings.push_back(make(150, 2, 4096));
  ASSERT_THAT(WarningsOf({}, result), SizeIs(1));
  EXPECT_EQ(WarningsOf({}, result)[0].id, "roof_drift");
}

}  // namespace
}  // namespace inferometer
