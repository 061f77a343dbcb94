// Injected slowdowns through the real model run: shape, outliers and warnings of the rows.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/runner/run_model.h"
#include "harness/runner/warnings.h"
#include "tests/harness/runner/injected_device.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kStep_s = 0.01;
constexpr int kTokens = 16;  // one repetition takes 0.16 s of the made-up clock

ModelShape SmallShape() {
  ModelShape shape;
  shape.name = "tiny";
  shape.family = "llama";
  shape.layers = 1, shape.width = 32, shape.heads = 1, shape.kv_heads = 1, shape.head_dim = 32;
  shape.feed_forward = 32, shape.vocab = 64, shape.context = 64, shape.rope_dim = 32;
  return shape;
}

// Wider than the interval's target, so that sampling goes on, and spread evenly, so that it has one
// mode.
double Noise(int repetition) {
  constexpr double kNoise[] = {0.96, 1.02, 0.98, 1.04, 1.0};
  return kNoise[static_cast<std::size_t>(repetition) % std::size(kNoise)];
}

class InjectedTest : public ::testing::Test {
 protected:
  // Decodes until the interval is narrow, or until `budget_s` of the made-up clock.
  void Run(std::function<double(double, int)> step_s, double budget_s, Energy* energy = nullptr) {
    injection_.step_s = std::move(step_s);
    const std::vector<SelectedCase> cases = {
        {FindWorkload("decode"),
         {"decode", {{"depth", 0}, {"tokens", kTokens}, {"kv", "f16"}}},
         ""}};
    std::vector<ChosenDevice> devices;
    devices.push_back({std::make_unique<InjectedDevice>(injection_), "", {}, {}});
    RunState state;
    state.devices = &devices;
    state.now = [this] { return injection_.clock_s; };
    state.stop = [] { return false; };
    state.progress = [this](const Progress& progress) {
      const bool repetition = progress.phase == "warm-up" || progress.phase == "measure";
      if (repetition) ++injection_.repetition;
      if (progress.phase == "measure" && first_sample_ == 0) first_sample_ = injection_.repetition;
    };
    state.result = &result_;
    state.energy = energy;
    RunModel(state, SynthesizeModel(SmallShape(), "q8_0", 1), cases, budget_s);
    Circumstances circumstances;
    circumstances.timer_step_s = 1e-8;
    circumstances.shortest_s = state.shortest_s;
    for (const Warning& warning : WarningsOf(circumstances, result_)) {
      warnings_.push_back(warning.id);
    }
  }

  const Record& Row(const std::string& metric) const {
    const auto found = std::find_if(result_.records.begin(), result_.records.end(),
                                    [&](const Record& row) { return row.metric == metric; });
    if (found == result_.records.end()) throw std::runtime_error("no row of " + metric);
    return *found;
  }

  // A rate and a latency, whose better directions differ, must agree.
  void ExpectShape(const std::string& shape) const {
    for (const char* metric : {"decode_rate", "itl_p50"}) {
      EXPECT_EQ(Row(metric).status, Status::kOk) << Row(metric).reason;
      EXPECT_EQ(Row(metric).shape, shape) << metric;
    }
  }

  // What counts joules below that root, read only when a repetition begins and ends.
  std::unique_ptr<Energy> EnergyBelow(const SystemRoot& root) {
    constexpr double kNever_s = 3600;
    info_.id = "cpu:injected", info_.backend = "cpu", info_.threads = 1;
    return std::make_unique<Energy>(
        root, std::vector<const DeviceInfo*>{&info_}, [this] { return injection_.clock_s; },
        kNever_s);
  }

  DeviceInfo info_;
  Injection injection_;
  int first_sample_ = 0;  // the repetition that was the first sample
  Result result_;
  std::vector<std::string> warnings_;
};

TEST_F(InjectedTest, NothingInjectedIsFlatAndWithoutWarning) {
  Run([](double, int) { return kStep_s; }, 60);
  ExpectShape("flat");
  EXPECT_NEAR(Row("decode_rate").median, 1 / kStep_s, 1e-6);
  EXPECT_TRUE(Row("decode_rate").converged);
  EXPECT_THAT(Row("decode_rate").outliers, IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(InjectedTest, ADelayFromAGivenTimeIsASlowdown) {
  Run([](double now_s,
         int repetition) { return kStep_s * Noise(repetition) * (now_s > 4 ? 1.25 : 1); },
      8);
  ExpectShape("slowdown");
  EXPECT_THAT(warnings_, Contains("unsteady"));
}

TEST_F(InjectedTest, ADelayThatEndsIsAWarmup) {
  Run([](double now_s,
         int repetition) { return kStep_s * Noise(repetition) * (now_s < 4 ? 1.25 : 1); },
      8);
  ExpectShape("warmup");
  EXPECT_EQ(Row("decode_rate").warmup_stop, "limit");
  EXPECT_THAT(warnings_, ElementsAre("not_converged"));
}

TEST_F(InjectedTest, ADriftIsASlowdown) {
  Run([](double, int repetition) { return kStep_s * (1 + 0.02 * repetition); }, 12);
  ExpectShape("slowdown");
  EXPECT_FALSE(Row("decode_rate").converged);
  EXPECT_THAT(warnings_, ElementsAre("not_converged", "unsteady"));
}

TEST_F(InjectedTest, ASpikeIsAnOutlierThatIsKeptAndNoSlowdown) {
  Run(
      [this](double, int repetition) {
        const double noise = 1 + 0.001 * (repetition % 5);
        const bool spike = first_sample_ > 0 && repetition == first_sample_ + 2;
        return kStep_s * noise * (spike ? 3 : 1);
      },
      60);
  ExpectShape("flat");
  const Record& rate = Row("decode_rate");
  EXPECT_THAT(rate.outliers, ElementsAre(2u));
  ASSERT_GT(rate.samples.size(), 6u);  // six samples with a spike among them know nothing yet
  EXPECT_LT(rate.samples[2], 0.4 * rate.median);
  EXPECT_NEAR(rate.median, 1 / kStep_s, 0.01 / kStep_s);
  EXPECT_TRUE(rate.converged);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(InjectedTest, TwoModesHaveNoShape) {
  Random random(7);
  std::vector<bool> slow(200);
  for (auto&& s : slow) s = random.Below(2) == 1;
  Run(
      [&slow](double, int repetition) {
        return kStep_s * (1 + 0.002 * (repetition % 3)) *
               (slow[static_cast<std::size_t>(repetition)] ? 1.2 : 1);
      },
      10);
  ExpectShape("none");
  EXPECT_FALSE(Row("decode_rate").converged);
  EXPECT_THAT(warnings_, ElementsAre("not_converged", "unsteady"));
}

TEST_F(InjectedTest, ADeviceThatChangesItsAnswerLaterFailsItsRows) {
  // Conformance has passed by then: what it generates in the ninth repetition is another token.
  injection_.tamper = [](int repetition, std::span<std::byte> out) {
    if (repetition == 9) out[0] ^= std::byte{1};
  };
  Run([](double, int) { return kStep_s; }, 60);
  const Record& row = Row("decode_rate");
  ASSERT_TRUE(row.conformance.has_value());
  EXPECT_TRUE(row.conformance->pass);
  EXPECT_EQ(row.status, Status::kFailed);
  EXPECT_THAT(row.reason, HasSubstr("generated_sha256 differs between repetitions"));
  EXPECT_THAT(row.samples, IsEmpty());
}

TEST_F(InjectedTest, EveryRepetitionGeneratesExactlyWhatWasAsked) {
  Run([](double, int) { return kStep_s; }, 60);
  const Record& row = Row("decode_rate");
  ASSERT_EQ(row.token_times_s.size(), row.samples.size());
  for (const auto& times : row.token_times_s) EXPECT_EQ(times.size(), std::size_t{kTokens});
  EXPECT_EQ(row.params["generated_sha256"].get<std::string>().size(), 64u);
}

TEST_F(InjectedTest, JoulesPerTokenStandBesideTheRate) {
  constexpr double kWatts = 25;
  Scratch system;
  const std::string zone = "/sys/class/powercap/intel-rapl:0/";
  system.Write(zone + "name", "package-0\n");
  // The counter stands near its end, so that it wraps during the run.
  constexpr double kRange_j = 1000;
  system.Write(zone + "max_energy_range_uj", "1000000000\n");
  const auto show = [&](double now_s) {
    system.Write(zone + "energy_uj",
                 std::to_string(std::llround(std::fmod(990 + kWatts * now_s, kRange_j) * 1e6)));
  };
  show(0);
  const auto energy = EnergyBelow(system.root);
  Run(
      [&](double now_s, int) {
        show(now_s + kStep_s);
        return kStep_s;
      },
      60, energy.get());
  const Record& row = Row("energy_per_token");
  EXPECT_EQ(row.status, Status::kOk) << row.reason;
  EXPECT_EQ(row.workload, "decode");
  EXPECT_NEAR(row.median, kWatts * kStep_s, 1e-6);
  EXPECT_EQ(row.samples.size(), Row("decode_rate").samples.size());
  EXPECT_EQ(row.params["energy"]["source"], "rapl-package");
  EXPECT_EQ(row.params["tokens"], kTokens);
  EXPECT_EQ(row.shape, "flat");
  EXPECT_TRUE(row.conformance.has_value());
}

TEST_F(InjectedTest, WithoutASourceOneRowSaysWhy) {
  Scratch system;
  const auto energy = EnergyBelow(system.root);
  Run([](double, int) { return kStep_s; }, 60, energy.get());
  const Record& row = Row("energy_per_token");
  EXPECT_EQ(row.status, Status::kUnsupported);
  EXPECT_THAT(row.reason, HasSubstr("no energy counter"));
  EXPECT_THAT(row.samples, IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

}  // namespace
}  // namespace inferometer
