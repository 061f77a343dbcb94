// Interleaving, driven with arms that answer at once.
#include "harness/gate/interleave.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/gate/calibrate.h"
#include "tests/harness/gate/made_up.h"

namespace inferometer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Arms whose runs are made up: `factor` slower heads, half a percent of noise, ten seconds each.
class Interleaved : public ::testing::Test {
 protected:
  Arms MakeArms() {
    Arms arms;
    arms.run = [this](Side side, const Scope& scope) {
      now_s_ += 10;
      order_ += side == Side::kBase ? 'A' : 'B';
      scopes_.push_back(scope);
      const double noise = 1 + 0.005 * random_.Normal();
      Result result = MadeUpRun((side == Side::kHead ? factor_ : 1) * noise);
      if (!scope.workloads.empty()) {
        std::erase_if(result.records, [&](const Record& record) {
          return scope.workloads.count(record.workload) == 0;
        });
      }
      if (change_) change_(side, result);
      return result;
    };
    arms.control = [this] {
      return std::map<std::string, double>{{"arithmetic", control_ ? control_(order_) : 0.004}};
    };
    arms.now = [this] { return now_s_; };
    arms.stop = [this] { return order_.size() >= stop_after_; };
    arms.tell = [this](std::string_view what) { told_ += std::string(what) + "\n"; };
    return arms;
  }
  Findings Go() { return Interleave(MakeArms(), policy_); }

  Policy policy_;
  double factor_ = 1, now_s_ = 0;
  std::size_t stop_after_ = 1000;
  std::function<void(Side, Result&)> change_;
  std::function<double(const std::string& order)> control_;
  Random random_{1};
  std::string order_, told_;
  std::vector<Scope> scopes_;
};

TEST_F(Interleaved, LooksOnceThenTakesPairsInTurn) {
  const Findings findings = Go();
  EXPECT_EQ(order_,
            "AB"
            "ABBAABBAABBA");
  EXPECT_EQ(findings.pairs, 6u);
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kOk);
  EXPECT_EQ(Count(findings, Verdict::kPass), 4u) << Summary(findings);
}

TEST_F(Interleaved, PinsWhatTheFirstLookUsed) {
  Go();
  EXPECT_TRUE(scopes_[0].devices.empty());
  for (std::size_t i = 1; i < scopes_.size(); ++i) {
    EXPECT_THAT(scopes_[i].devices, ElementsAre("cpu:test"));
    EXPECT_EQ(scopes_[i].threads, 2);
  }
}

TEST_F(Interleaved, ConfirmsSuspectsAloneOnFreshPairs) {
  change_ = [](Side side, Result& result) {
    if (side == Side::kBase) return;
    for (Record& record : result.records) {
      if (record.metric == "decode_rate") record.median /= 1.08;
    }
  };
  const Findings findings = Go();
  EXPECT_EQ(order_.size(), 2u + 12 + 24);
  EXPECT_THAT(scopes_.back().workloads, ElementsAre("decode"));
  const Finding& decode = FindingFor(findings, "decode_rate");
  EXPECT_EQ(decode.verdict, Verdict::kRegression);
  EXPECT_TRUE(decode.confirmed);
  EXPECT_EQ(decode.pairs, 12u);
  EXPECT_NEAR(*decode.change, -0.074, 0.01);
  EXPECT_FALSE(FindingFor(findings, "prefill_rate").confirmed);
  EXPECT_EQ(findings.rows.front().metric, "decode_rate");
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kRowsFailed);
}

TEST_F(Interleaved, ASuspicionThatFreshDataDoNotShareIsDropped) {
  change_ = [this](Side side, Result& result) {
    if (side == Side::kHead && order_.size() <= 14) RowOf(result, "ttft").median *= 1.2;
  };
  const Findings findings = Go();
  EXPECT_EQ(FindingFor(findings, "ttft").verdict, Verdict::kPass);
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kOk);
}

TEST_F(Interleaved, FivePairsNeverFlag) {
  policy_.confirm_pairs = 5;
  factor_ = 2;
  const Findings findings = Go();
  EXPECT_EQ(Count(findings, Verdict::kRegression), 0u);
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kOk);
  policy_.inconclusive_fails = true;
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kInconclusive);
}

TEST_F(Interleaved, ImprovementsAreConfirmedToo) {
  factor_ = 0.8;
  const Findings findings = Go();
  EXPECT_EQ(Count(findings, Verdict::kImprovement), 4u) << Summary(findings);
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kOk);
}

TEST_F(Interleaved, AMissingRowIsNoPass) {
  change_ = [](Side side, Result& result) {
    if (side == Side::kHead)
      std::erase_if(result.records, [](const Record& record) { return record.metric == "ttft"; });
  };
  const Findings findings = Go();
  EXPECT_EQ(FindingFor(findings, "ttft").verdict, Verdict::kMissing);
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kMissing);
}

TEST_F(Interleaved, AFailedRowIsMissingAndSaysWhy) {
  change_ = [](Side side, Result& result) {
    if (side == Side::kBase) return;
    for (Record& record : result.records) {
      record.status = Status::kFailed;
      record.reason = "conformance failed";
    }
  };
  const Findings findings = Go();
  EXPECT_EQ(Count(findings, Verdict::kMissing), 4u);
  EXPECT_THAT(FindingFor(findings, "ttft").reason, HasSubstr("conformance"));
}

TEST_F(Interleaved, ARowThatSeldomSucceedsInEitherArmIsNotMissing) {
  change_ = [this](Side, Result& result) {
    if (order_.size() == 3) return;  // one run of the base
    for (Record& record : result.records) {
      if (record.metric != "ttft") continue;
      record.status = Status::kFailed;
      record.reason = "implausible: the machine was too busy to measure its roof";
    }
  };
  const Findings findings = Go();
  EXPECT_EQ(FindingFor(findings, "ttft").verdict, Verdict::kInconclusive);
  EXPECT_THAT(FindingFor(findings, "ttft").reason, HasSubstr("1 of 7 runs of the base"));
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kOk);
}

TEST_F(Interleaved, ANewRowIsNoFailure) {
  change_ = [](Side side, Result& result) {
    if (side == Side::kHead) result.records.push_back(MadeUpRow("load", "load_time", Quiet(1)));
  };
  const Findings findings = Go();
  EXPECT_EQ(FindingFor(findings, "load_time").verdict, Verdict::kNew);
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kOk);
}

// A gate whose runs are too short to measure anything would never fire.
TEST_F(Interleaved, RowsThatNobodyHadTimeForAreNoPass) {
  change_ = [](Side, Result& result) {
    result.run["complete"] = false;
    for (Record& record : result.records) {
      record.status = Status::kSkipped;
      record.reason = "the time budget ended before its first repetition";
    }
  };
  const Findings findings = Go();
  EXPECT_EQ(Count(findings, Verdict::kInconclusive), 4u);
  EXPECT_THAT(Summary(findings), HasSubstr("No row was timed"));
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kInconclusive);
}

TEST_F(Interleaved, ADifferentModelEndsItAtOnce) {
  change_ = [](Side side, Result& result) {
    if (side == Side::kBase) return;
    for (Record& record : result.records) record.model->sha256 = std::string(64, 'b');
  };
  const Findings findings = Go();
  EXPECT_EQ(order_, "AB");
  EXPECT_EQ(Count(findings, Verdict::kIncomparable), 4u);
  EXPECT_EQ(ExitCodeOf(findings, policy_), ExitCode::kIncomparable);
}

TEST_F(Interleaved, ARequiredRowThatNobodyHasIsMissing) {
  policy_.required = {{"decode_rate", "decode"}, {"load_time", "load*"}};
  const Findings findings = Go();
  EXPECT_EQ(Count(findings, Verdict::kMissing), 1u);
  EXPECT_EQ(FindingFor(findings, "load_time").verdict, Verdict::kMissing);
}

TEST_F(Interleaved, WhatRepetitionsCannotChangeIsExact) {
  change_ = [](Side side, Result& result) {
    for (Record& record : result.records) {
      record.roofline =
          Roofline{"memory", "read_bandwidth", side == Side::kHead ? 1001.0 : 1000.0, 50, 0.5};
      record.params["generated_sha256"] = side == Side::kHead ? "beef" : "cafe";
    }
  };
  Findings findings = Go();
  EXPECT_EQ(Count(findings, Verdict::kRegression), 8u);  // bytes and output of four rows
  policy_.gate_outputs = policy_.gate_costs = false;
  findings = Go();
  EXPECT_EQ(Count(findings, Verdict::kRegression), 0u);
  EXPECT_EQ(findings.notes.size(), 8u);
}

// Which arm the run after `order` is, or with `after` the last one of it: the control's time is
// asked for before and after each run, from the third run on.
class ControlWatch {
 public:
  bool AtHead(const std::string& order) {
    const bool after = calls_++ % 2 == 1;
    run_ = order.size() - (after ? 1 : 0);
    const std::size_t place = run_ - 2;
    return (place % 2 == 1) != (place / 2 % 2 == 1);
  }
  std::size_t run() const { return run_; }

 private:
  std::size_t calls_ = 0, run_ = 0;
};

// Somebody else's load follows the head: what looks like a regression is none.
TEST_F(Interleaved, AControlThatMovesMakesAllInconclusive) {
  factor_ = 1.2;
  ControlWatch watch;
  control_ = [&](const std::string& order) { return watch.AtHead(order) ? 0.0044 : 0.004; };
  policy_.control_retries = 1;
  const Findings findings = Go();
  EXPECT_EQ(order_.size(), 2u + 12 + 12);  // once more, and no second stage
  EXPECT_EQ(Count(findings, Verdict::kInconclusive), 4u);
  EXPECT_THAT(findings.contaminated, HasSubstr("arithmetic by +10.0 %"));
}

TEST_F(Interleaved, AMovedStageIsMeasuredAgainAndThenTrusted) {
  ControlWatch watch;
  control_ = [&](const std::string& order) {
    return watch.AtHead(order) && watch.run() < 14 ? 0.0044 : 0.004;
  };
  const Findings findings = Go();
  EXPECT_TRUE(findings.contaminated.empty());
  EXPECT_EQ(order_.size(), 2u + 12 + 12);
  EXPECT_THAT(findings.notes, ElementsAre(HasSubstr("measured again")));
  EXPECT_EQ(Count(findings, Verdict::kPass), 4u);
}

TEST_F(Interleaved, ANoisyControlThatDoesNotMoveSpoilsNothing) {
  factor_ = 1.2;
  Random noise(7);
  control_ = [&](const std::string&) { return 0.004 * std::exp(0.1 * noise.Normal()); };
  const Findings findings = Go();
  EXPECT_TRUE(findings.contaminated.empty()) << findings.contaminated;
  EXPECT_EQ(Count(findings, Verdict::kRegression), 4u);
}

TEST_F(Interleaved, TimeRunsOutWithoutAVerdict) {
  policy_.max_run_time_s = 65;
  factor_ = 1.5;
  const Findings findings = Go();
  EXPECT_LT(order_.size(), 8u);
  EXPECT_EQ(Count(findings, Verdict::kInconclusive), 4u);
  EXPECT_THAT(FindingFor(findings, "ttft").reason, HasSubstr("time limit"));
}

TEST_F(Interleaved, StopsBetweenRuns) {
  stop_after_ = 5;
  const Findings findings = Go();
  EXPECT_EQ(order_, "ABABB");
  EXPECT_EQ(Count(findings, Verdict::kPass), 0u);
}

TEST_F(Interleaved, WhatAnArmThrowsComesThrough) {
  change_ = [](Side side, Result&) {
    if (side == Side::kHead) throw Error(ExitCode::kRunFailed, "head ended by signal 11");
  };
  EXPECT_THROW(Go(), Error);
}

TEST_F(Interleaved, CalibrationRaisesThresholdsAboveTheNoise) {
  change_ = [this](Side, Result& result) {
    RowOf(result, "decode_rate").median *= 1 + 0.08 * random_.Normal();
  };
  policy_ = Calibrate(MakeArms(), policy_, 12, "2026-05-04T10:15:00Z");
  ASSERT_TRUE(policy_.calibration.has_value());
  const Record decode = MadeUpRow("decode", "decode_rate", {1});
  const Record ttft = MadeUpRow("prefill", "ttft", {1});
  const nlohmann::json machine = policy_.calibration->machine;
  const RowLimit noisy = LimitOf(policy_, decode, true, machine);
  EXPECT_TRUE(noisy.raised);
  EXPECT_GT(noisy.threshold, 0.05);
  EXPECT_EQ(LimitOf(policy_, ttft, true, machine).threshold, 0.05);
  // The noise of another machine says nothing here.
  EXPECT_FALSE(LimitOf(policy_, decode, true, {{"processors", "other"}}).raised);
  for (const RowNoise& noise : policy_.calibration->noise) {
    EXPECT_LE(noise.estimate_p95, noise.pair_p95 + 1e-12) << noise.row;
    EXPECT_GE(noise.detectable, 2 * noise.estimate_p95) << noise.row;
  }
}

TEST_F(Interleaved, CalibrationNeedsAQuietMachineAndTime) {
  policy_.max_run_time_s = 50;
  EXPECT_THROW(Calibrate(MakeArms(), policy_, 12, ""), Error);
}

}  // namespace
}  // namespace inferometer
