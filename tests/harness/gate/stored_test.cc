// Two stored results against each other, edited files, and the gate's test of itself.
#include "harness/gate/stored.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "harness/base/error.h"
#include "harness/gate/arm_process.h"
#include "harness/gate/self_test.h"
#include "tests/harness/gate/made_up.h"
#include "tests/harness/gate/simulator.h"
#include "tests/results/fixtures.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

TEST(Stored, EqualResultsPassAndSlowOnesDoNot) {
  const Policy policy;
  EXPECT_EQ(ExitCodeOf(CompareStored(MadeUpRun(), MadeUpRun(), policy), policy), ExitCode::kOk);
  const Findings slow = CompareStored(MadeUpRun(), MadeUpRun(1.25), policy);
  EXPECT_EQ(Count(slow, Verdict::kRegression), 4u) << Summary(slow);
  EXPECT_FALSE(slow.paired);
  EXPECT_EQ(ExitCodeOf(slow, policy), ExitCode::kRowsFailed);
}

TEST(Stored, FiveSamplesDecideNothing) {
  Result base = MadeUpRun(), head = MadeUpRun(3);
  for (Result* result : {&base, &head}) {
    for (Record& record : result->records) record.samples.resize(5);
  }
  const Findings findings = CompareStored(base, head, {});
  EXPECT_EQ(Count(findings, Verdict::kInconclusive), 4u);
}

// What must be equal, each by its own mutation of the head.
TEST(Stored, DifferentCircumstancesAreIncomparable) {
  const std::pair<const char*, std::function<void(Result&)>> kMutations[] = {
      {"weights", [](Result& r) { r.records[0].model->sha256 = std::string(64, 'b'); }},
      {"bytes", [](Result& r) { r.records[0].model->bytes = 999; }},
      {"threads", [](Result& r) { r.records[0].threads = 1; }},
      {"prompts", [](Result& r) { r.records[0].params["prompt_sha256"] = "x"; }},
      {"processors", [](Result& r) { r.device["cpu"]["name"] = "Other CPU"; }},
      {"power sources", [](Result& r) { r.device["power"]["source"] = "battery"; }},
      {"presets", [](Result& r) { r.run["preset"] = "standard"; }},
      {"seeds", [](Result& r) { r.run["seed"] = 2; }},
      {"engines", [](Result& r) { r.tool["engine"] = "llama.cpp"; }},
  };
  for (const auto& [what, mutate] : kMutations) {
    Result base = MadeUpRun(), head = MadeUpRun();
    base.records[0].params["prompt_sha256"] = head.records[0].params["prompt_sha256"] = "y";
    mutate(head);
    const Findings findings = CompareStored(base, head, {});
    EXPECT_EQ(ExitCodeOf(findings, {}), ExitCode::kIncomparable) << what;
    ASSERT_FALSE(findings.rows.empty());
    EXPECT_THAT(findings.rows.front().reason, HasSubstr(what));
  }
}

TEST(Stored, AnotherDeviceIsAMissingRow) {
  Result head = MadeUpRun();
  for (Record& record : head.records) record.device = "cpu:other";
  const Findings findings = CompareStored(MadeUpRun(), head, {});
  EXPECT_EQ(Count(findings, Verdict::kMissing), 4u);
  EXPECT_EQ(Count(findings, Verdict::kNew), 4u);
  EXPECT_EQ(ExitCodeOf(findings, {}), ExitCode::kMissing);
}

TEST(Stored, RoofsThatMovedMakeAllInconclusive) {
  Result head = MadeUpRun(1.3);
  head.ceilings[0].value *= 0.9;
  const Findings findings = CompareStored(MadeUpRun(), head, {});
  EXPECT_EQ(Count(findings, Verdict::kInconclusive), 4u);
  EXPECT_THAT(findings.contaminated, HasSubstr("read_bandwidth"));
}

// Two runners, or one at two times: the machine's share of the difference shows in the roofs.
TEST(Stored, UnchangedResultsOfAWanderingMachineAreLeftAlone) {
  constexpr std::size_t kTrials = 400;
  std::size_t wolf = 0;
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    Result results[2] = {MadeUpRun(), MadeUpRun()};
    SimulatedMachine same(trial, 4);
    for (Result& result : results) {
      // Half of the trials on two virtual machines.
      SimulatedMachine other(trial * 2 + (&result - results) + 1'000'000, 4);
      SimulatedMachine& machine = trial % 2 == 0 ? same : other;
      for (int slot = 0; slot < 20; ++slot) machine.NextSlot();
      for (Ceiling& ceiling : result.ceilings) ceiling.value *= std::exp(-machine.Machine());
      for (std::size_t m = 0; m < 4; ++m) {
        Record& record = result.records[m];
        const bool rate = record.metric.ends_with("_rate");
        for (double& sample : record.samples) {
          const double slower = machine.Machine() + 0.015 * machine.Repetition(m) / 0.08;
          sample *= std::exp(rate ? -slower : slower);
        }
        record.median = Median(record.samples);
      }
    }
    wolf += Count(CompareStored(results[0], results[1], {}), Verdict::kRegression) > 0 ? 1 : 0;
  }
  EXPECT_LE(wolf, kTrials / 100);
}

TEST(Stored, TheSampleResultIsUnedited) { EXPECT_NO_THROW(ParseArm(SampleText(), "sample.json")); }

TEST(Stored, EditedNumbersAreRefused) {
  const nlohmann::json sample = SampleJson();
  std::size_t row = 0;
  while (sample["records"][row]["metric"] != "decode_rate") ++row;
  const auto complaint = [&](const std::function<void(nlohmann::json&)>& edit) {
    nlohmann::json document = sample;
    edit(document["records"][row]);
    try {
      ParseArm(document.dump(), "edited.json");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(complaint([](nlohmann::json& r) { r["median"] = r["samples"][0]; }),
              HasSubstr("median"));
  EXPECT_THAT(complaint([](nlohmann::json& r) { r["ci95"] = {r["median"], r["median"]}; }),
              HasSubstr("interval"));
  // All samples a tenth better, the statistics with them: the token times still tell.
  EXPECT_THAT(complaint([](nlohmann::json& r) {
                for (nlohmann::json& x : r["samples"]) x = x.get<double>() * 1.1;
                for (nlohmann::json& x : r["ci95"]) x = x.get<double>() * 1.1;
                r["median"] = r["median"].get<double>() * 1.1;
              }),
              HasSubstr("sample 0"));
}

TEST(SelfTest, CatchesWhatItInjects) {
  const SelfTestAnswer answer = TestGate(MadeUpResult(), {});
  EXPECT_EQ(answer.code, ExitCode::kOk) << answer.text;
  EXPECT_EQ(TestGate(MadeUpRun(), {}).code, ExitCode::kOk);
}

TEST(SelfTest, SaysWhenRowsAreTooNoisy) {
  Result noisy = MadeUpRun();
  Random random(1);
  for (Record& record : noisy.records) {
    for (double& sample : record.samples) sample *= std::exp(2 * random.Normal());
    record.median = Median(record.samples);
  }
  EXPECT_NE(TestGate(noisy, {}).code, ExitCode::kOk);
}

TEST(SelfTest, SaysWhenThePolicyCannotFire) {
  Policy policy;
  policy.confirm_pairs = 5;
  EXPECT_NE(TestGate(MadeUpResult(), policy).code, ExitCode::kOk);
  policy.thresholds = {{"*", "*", {}}};  // nothing is gated
  EXPECT_NE(TestGate(MadeUpResult(), policy).code, ExitCode::kOk);
}

}  // namespace
}  // namespace inferometer
