// Rows out of logs: statistics, roofline, plausibility, and rows without numbers.
#include "harness/runner/rows.h"

#include <gmock/gmock.h>

namespace inferometer {
namespace {

class RowsTest : public ::testing::Test {
 protected:
  RowsTest() {
    case_.workload = FindWorkload("decode");
    case_.point = {"decode", {{"depth", 0}, {"tokens", 128}}};
    base_.workload = "decode", base_.device = "d";
    for (const char* metric : {"decode_rate", "itl_p50", "itl_p95"}) {
      arm_.spec.metrics.push_back({metric, 0.05});
    }
    arm_.samples.resize(3);
    Ceiling read, fp32;
    read.metric = "read_bandwidth", read.value = 1000, read.device = "d";
    fp32.metric = "fp32_peak", fp32.value = 1e6, fp32.device = "d";
    ceilings_ = {read, fp32};
  }

  // Ten samples of `rate` tok/s over work of `bytes` a token.
  void Sample(double rate, double bytes) {
    for (int i = 0; i < 10; ++i) {
      TimedRepetition timed;
      timed.start_s = i, timed.end_s = i + 1;
      const Work work{.bytes = bytes, .operations = {1, 0, 0, 0}};
      timed.repetition.measurements = {{"decode_rate", rate, work, 1 / rate},
                                       {"itl_p50", 1 / rate, work, 1 / rate},
                                       {"itl_p95", 1 / rate, work, 1 / rate}};
      timed.repetition.token_times_s = {0.1, 0.2};
      timed.repetition.facts = {{"generated_sha256", "abc"}};
      for (std::size_t m = 0; m < 3; ++m) {
        arm_.samples[m].push_back(timed.repetition.measurements[m].value);
      }
      log_.samples.push_back(std::move(timed));
    }
  }

  std::vector<Record> Rows() { return RowsOf(base_, case_, log_, arm_, {ceilings_, cache_}); }

  SelectedCase case_;
  Record base_;
  ArmLog log_;
  Arm arm_;
  std::vector<Ceiling> ceilings_;
  std::uint64_t cache_ = 0;
};

TEST_F(RowsTest, OneRowForEachMetricWithItsRoofline) {
  Sample(40, 20);  // 800 of 1000 bytes a second
  const auto rows = Rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].metric, "decode_rate");
  EXPECT_EQ(rows[0].status, Status::kOk);
  EXPECT_EQ(rows[0].median, 40);
  EXPECT_EQ(rows[0].ci95, (std::pair<double, double>(40, 40)));
  EXPECT_TRUE(rows[0].converged);
  EXPECT_EQ(rows[0].shape, "flat");
  EXPECT_EQ(rows[0].params["generated_sha256"], "abc");
  EXPECT_EQ(rows[0].token_times_s.size(), 10u);
  ASSERT_TRUE(rows[0].roofline.has_value());
  EXPECT_EQ(rows[0].roofline->bound, "memory");
  EXPECT_NEAR(rows[0].roofline->fraction, 0.8, 1e-12);
}

TEST_F(RowsTest, AboveTheRoofIsImplausible) {
  Sample(60, 20);
  const auto rows = Rows();
  EXPECT_EQ(rows[0].status, Status::kFailed);
  EXPECT_THAT(rows[0].reason, ::testing::HasSubstr("implausible: 1.20"));
  EXPECT_TRUE(rows[0].samples.empty());
  EXPECT_FALSE(rows[0].roofline.has_value());
}

TEST_F(RowsTest, AWorkingSetInCacheMayPassTheMemoryRoofAndSaysSo) {
  cache_ = 64;
  Sample(60, 20);
  const auto rows = Rows();
  EXPECT_EQ(rows[0].status, Status::kOk);
  EXPECT_NEAR(rows[0].roofline->fraction, 1.2, 1e-12);
  EXPECT_THAT(rows[0].params["working_set"].get<std::string>(),
              ::testing::HasSubstr("last-level cache"));
}

TEST_F(RowsTest, RowsOfOneMetricAreToldApartByTheirParams) {
  case_.workload = FindWorkload("kv_reuse");
  case_.point = case_.workload->cases("standard").front();
  TimedRepetition timed;
  timed.repetition.measurements = {{"ttft", 1, {}, 0, {{"cache", "kept"}}},
                                   {"ttft", 6, {}, 0, {{"cache", "dropped"}}, {0.5}},
                                   {"kv_reuse_speedup", 6, {}, 0}};
  log_.samples.push_back(timed);
  const auto rows = Rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].median, 1);
  EXPECT_EQ(rows[0].params["cache"], "kept");
  EXPECT_TRUE(rows[0].token_times_s.empty());
  EXPECT_EQ(rows[1].median, 6);
  EXPECT_EQ(rows[1].params["cache"], "dropped");
  EXPECT_THAT(rows[1].token_times_s, ::testing::ElementsAre(std::vector{0.5}));
  EXPECT_FALSE(rows[2].params.contains("cache"));
}

TEST_F(RowsTest, AWorkloadThatLastsHasItsSamplesInsideAndMayLackAValue) {
  case_.workload = FindWorkload("sustained");
  case_.point = case_.workload->cases("extended").front();
  arm_.spec.lasts_s = 300;
  TimedRepetition timed;
  Measurement rate{"sustained_rate", 40, {}, 0}, ratio{"sustained_ratio", 0.9, {}, 0};
  Measurement onset{"throttle_onset", 0, {}, 0};
  rate.samples = {40, 41, 40, 39, 40, 40, 40};
  onset.absent = "no slowdown was found";
  timed.repetition.measurements = {rate, ratio, onset};
  log_.samples.push_back(timed);
  const auto rows = Rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].samples, rate.samples);
  EXPECT_EQ(rows[0].median, 40);
  EXPECT_TRUE(rows[0].ci95.has_value());
  EXPECT_FALSE(rows[0].cold.has_value());
  EXPECT_EQ(rows[0].warmup_stop, "");
  EXPECT_EQ(rows[1].samples.size(), 1u);
  EXPECT_EQ(rows[2].status, Status::kSkipped);
  EXPECT_EQ(rows[2].reason, "no slowdown was found");
  EXPECT_TRUE(rows[2].samples.empty());
}

TEST_F(RowsTest, WhatDidNotFitTheBudgetSaysHowLongItTakes) {
  arm_.finished = true;
  arm_.last_s = 12;
  arm_.spec.first_s = 30;
  EXPECT_THAT(Rows()[0].reason, ::testing::HasSubstr("about 42 s"));
  arm_.spec.lasts_s = 300;
  EXPECT_THAT(Rows()[0].reason, ::testing::HasSubstr("lasts 300 s"));
}

TEST_F(RowsTest, WithoutSamplesThereIsAReasonAndNoNumber) {
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].status, Status::kSkipped);
  log_.failure = "the device was lost";
  rows = Rows();
  EXPECT_EQ(rows[2].status, Status::kFailed);
  EXPECT_EQ(rows[2].metric, "itl_p95");
  EXPECT_EQ(rows[2].reason, "the device was lost");
}

}  // namespace
}  // namespace inferometer
