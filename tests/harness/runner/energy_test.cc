// Joules of a stretch of time: wraps, gaps, slow counters, sources for devices, and rows of them.
#include "harness/runner/energy.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include "harness/runner/energy_rows.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Readings = std::vector<std::optional<double>>;

PowerSource Source(PowerKind kind, std::size_t channels = 1, double update_s = 0.001) {
  PowerSource source;
  source.name = "test";
  source.update_s = update_s;
  source.channels.resize(channels);
  for (PowerChannel& channel : source.channels) channel.kind = kind;
  return source;
}

// A counter read ten times a second from 0 to 10 s; `joules_at` is what it shows.
EnergySeries Filled(PowerSource source, const std::function<double(double)>& joules_at) {
  EnergySeries series(std::move(source));
  for (int i = 0; i <= 100; ++i) {
    const double at_s = i * 0.1;
    series.Add(at_s, Readings{joules_at(at_s)});
  }
  return series;
}

TEST(EnergySeries, InterpolatesBetweenReadings) {
  const EnergySeries series =
      Filled(Source(PowerKind::kJoules), [](double at_s) { return 1000 + 20 * at_s; });
  EXPECT_NEAR(series.Between(2, 5).value.value_or(0), 60, 1e-9);
  EXPECT_NEAR(series.Between(2.033, 5.071).value.value_or(0), 20 * 3.038, 1e-9);
  EXPECT_NEAR(series.Between(4.01, 4.05).value.value_or(0), 20 * 0.04, 1e-9);
}

TEST(EnergySeries, GoesOnWhereACounterWraps) {
  PowerSource source = Source(PowerKind::kJoules);
  source.channels[0].wraps_at_j = 100;
  const EnergySeries series =
      Filled(source, [](double at_s) { return std::fmod(70 + 20 * at_s, 100); });
  EXPECT_NEAR(series.Between(1, 9).value.value_or(0), 160, 1e-9);  // over two wraps
  EXPECT_NEAR(series.Between(1.4, 1.6).value.value_or(0), 4, 1e-9);
}

TEST(EnergySeries, ACounterThatFallsWithoutARangeIsNotBelieved) {
  const EnergySeries series =
      Filled(Source(PowerKind::kJoules), [](double at_s) { return at_s < 5 ? 100 + at_s : at_s; });
  EXPECT_FALSE(series.Between(4, 6).value.has_value());
  EXPECT_THAT(series.Between(4, 6).reason, HasSubstr("could not be read throughout"));
  EXPECT_NEAR(series.Between(6, 9).value.value_or(0), 3, 1e-9);
}

TEST(EnergySeries, ACounterThatLeapsWasSetBack) {
  PowerSource source = Source(PowerKind::kJoules);
  source.channels[0].wraps_at_j = 262143;  // set back to 0 by a sleep, not wrapped
  const EnergySeries series =
      Filled(source, [](double at_s) { return at_s < 5 ? 100 + at_s : at_s - 5; });
  EXPECT_FALSE(series.Between(4, 6).value.has_value());
}

TEST(EnergySeries, SumsItsChannels) {
  EnergySeries series(Source(PowerKind::kJoules, 2));
  for (int i = 0; i <= 10; ++i) series.Add(i, Readings{10.0 * i, 5.0 * i});
  EXPECT_NEAR(series.Between(2, 4).value.value_or(0), 30, 1e-9);
}

TEST(EnergySeries, IntegratesPower) {
  const EnergySeries series =
      Filled(Source(PowerKind::kWatts), [](double at_s) { return 10 + at_s; });
  EXPECT_NEAR(series.Between(2, 6).value.value_or(0), 40 + 16, 1e-6);
}

TEST(EnergySeries, CountsWhatABatteryLoses) {
  const EnergySeries series =
      Filled(Source(PowerKind::kCharge), [](double at_s) { return 180000 - 15 * at_s; });
  EXPECT_NEAR(series.Between(2, 6).value.value_or(0), 60, 1e-9);
}

TEST(EnergySeries, AStretchBelowTheStatedPeriodIsRefused) {
  const EnergySeries series =
      Filled(Source(PowerKind::kWatts, 1, 1), [](double at_s) { return 10 + at_s; });
  const Joules refused = series.Between(2, 4);
  EXPECT_FALSE(refused.value.has_value());
  EXPECT_THAT(refused.reason, HasSubstr("2 s are too short"));
  EXPECT_TRUE(series.Between(2, 6).value.has_value());
}

TEST(EnergySeries, AStretchBelowTheSeenPeriodIsRefusedAndLongerOnesAreExact) {
  // Says to be quick, but shows something new once a second only: 20 W in steps.
  const EnergySeries series =
      Filled(Source(PowerKind::kJoules), [](double at_s) { return 20 * std::floor(at_s + 1e-9); });
  EXPECT_FALSE(series.Between(2.5, 4.5).value.has_value());
  EXPECT_NEAR(series.Between(2.5, 7.5).value.value_or(0), 100, 1e-6);
}

TEST(EnergySeries, ACounterThatStandsStillAndATimeThatWasNotReadAreRefused) {
  const EnergySeries still = Filled(Source(PowerKind::kJoules), [](double) { return 7.0; });
  EXPECT_FALSE(still.Between(2, 6).value.has_value());
  EXPECT_THAT(still.Between(2, 6).reason, HasSubstr("too short"));
  const EnergySeries series = Filled(Source(PowerKind::kJoules), [](double s) { return s; });
  EXPECT_THAT(series.Between(9, 12).reason, HasSubstr("not read during the whole"));
  EXPECT_THAT(series.Between(-1, 3).reason, HasSubstr("not read during the whole"));
}

TEST(EnergySeries, AReadingThatFailsBreaksWhatLiesAcrossItOnly) {
  EnergySeries series(Source(PowerKind::kJoules));
  for (int i = 0; i <= 20; ++i) {
    series.Add(i, Readings{i == 10 ? std::nullopt : std::optional<double>(10.0 * i)});
  }
  EXPECT_FALSE(series.Between(8, 12).value.has_value());
  EXPECT_FALSE(series.Between(9.5, 9.9).value.has_value());
  EXPECT_NEAR(series.Between(2, 8).value.value_or(0), 60, 1e-9);
  EXPECT_NEAR(series.Between(11, 18).value.value_or(0), 70, 1e-9);
}

PowerSources With(std::initializer_list<PowerScope> scopes) {
  PowerSources sources;
  for (const PowerScope scope : scopes) {
    sources.usable.emplace_back();
    sources.usable.back().scope = scope;
  }
  return sources;
}

TEST(SourceFor, ADeviceGetsWhatCountsIt) {
  DeviceInfo cpu, gpu, renderer;
  cpu.backend = "cpu";
  gpu.backend = "vulkan";
  renderer.backend = "vulkan", renderer.software = true;
  const auto all = With({PowerScope::kMachine, PowerScope::kGpu, PowerScope::kProcessor});
  EXPECT_EQ(SourceFor(all, cpu).source, 2u);
  EXPECT_EQ(SourceFor(all, renderer).source, 2u);
  EXPECT_EQ(SourceFor(all, gpu).source, 1u);
  const auto processor = With({PowerScope::kProcessor});
  EXPECT_FALSE(SourceFor(processor, gpu).source.has_value());
  EXPECT_THAT(SourceFor(processor, gpu).reason, HasSubstr("only the processor counts"));
  const auto gpus = With({PowerScope::kGpu, PowerScope::kGpu});
  EXPECT_THAT(SourceFor(gpus, gpu).reason, HasSubstr("nothing tells which"));
  EXPECT_FALSE(SourceFor(gpus, cpu).source.has_value());
  EXPECT_EQ(SourceFor(With({PowerScope::kGpu, PowerScope::kGpu, PowerScope::kMachine}), gpu).source,
            2u);
}

// A machine with one RAPL package whose counter the test moves.
class EnergyTest : public ::testing::Test {
 protected:
  EnergyTest() {
    system_.Write("/sys/class/powercap/intel-rapl:0/name", "package-0\n");
    system_.Write("/sys/class/powercap/intel-rapl:0/max_energy_range_uj", "262143328850\n");
    system_.Write(kCounter, "");
    Show(100);
    info_.id = "cpu:test", info_.backend = "cpu", info_.threads = 1;
  }
  // From 100 to 999 J, so that the text keeps its length and the sampler's thread never finds half
  // of it.
  void Show(double joules) {
    std::fstream file(system_.Path(kCounter), std::ios::in | std::ios::out);
    file << static_cast<long long>(joules * 1e6) << "\n" << std::flush;
  }

  const std::string kCounter = "/sys/class/powercap/intel-rapl:0/energy_uj";
  static constexpr double kNever_s = 3600;  // the thread stays out of what the test moves

  Scratch system_;
  DeviceInfo info_;
  double clock_s_ = 0;
};

TEST_F(EnergyTest, CountsBetweenMarksAndIdleApart) {
  Energy energy(system_.root, {&info_}, [this] { return clock_s_; }, kNever_s);
  EXPECT_EQ(energy.IdleNeeds(), 1);
  energy.Mark();
  clock_s_ = 2, Show(106);
  energy.Mark();
  energy.SetIdle(0, 2);
  clock_s_ = 4, Show(146);
  energy.Mark();
  EXPECT_NEAR(energy.Between("cpu:test", 2, 4).value.value_or(0), 40, 1e-6);
  const EnergyOfDevice& of = energy.Of("cpu:test");
  EXPECT_EQ(of.source, "rapl-package");
  EXPECT_NEAR(of.idle_w.value_or(0), 3, 1e-6);
  const nlohmann::json described = energy.Describe();
  EXPECT_EQ(described[0]["device"], "cpu:test");
  EXPECT_NEAR(described[0]["idle_w"].get<double>(), 3, 1e-6);
  EXPECT_TRUE(described[0]["reason"].is_null());
}

TEST_F(EnergyTest, AThreadReadsByItself) {
  std::atomic<int> looks{0};
  Energy energy(system_.root, {&info_}, [&looks] { return 0.001 * ++looks; }, 0.001);
  // Until there are readings on both sides of the stretch, or after a minute in vain.
  bool known = false;
  for (int i = 0; i < 60000 && !known; ++i) {
    Show(100 + i % 800);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    known = energy.Between("cpu:test", 0.01, 0.1).reason.find("not read") == std::string::npos;
  }
  EXPECT_TRUE(known);
}

TEST_F(EnergyTest, WithoutPermissionThereIsAReasonAndNothingIsRead) {
  system_.Write("/inferometer/denied", "/sys/class/powercap/intel-rapl:0/energy_uj\n");
  Energy energy(system_.root, {&info_}, [this] { return clock_s_; }, kNever_s);
  energy.Mark();
  EXPECT_EQ(energy.IdleNeeds(), 0);
  EXPECT_FALSE(energy.Of("cpu:test").at.has_value());
  EXPECT_THAT(energy.Between("cpu:test", 0, 1).reason, HasSubstr("sudo chmod a+r"));
}

// A log of repetitions of one second each, with a window of 10 tokens from its 0.2th second on.
ArmLog LogOf(int samples) {
  ArmLog log;
  for (int i = 0; i <= samples; ++i) {
    TimedRepetition timed;
    timed.start_s = i, timed.end_s = i + 1;
    timed.repetition.window = Window{i + 0.2, i + 1.0, 10};
    if (i == 0) {
      log.cold = timed;
    } else {
      log.samples.push_back(timed);
    }
  }
  return log;
}

TEST(EnergyRow, DividesTheJoulesOfEachWindowByItsTokens) {
  const EnergyOfDevice of{.device = "d",
                          .source = "rapl-package",
                          .scope = "1 processor package",
                          .reason = "",
                          .idle_w = 3.5,
                          .idle_s = 1,
                          .idle_reason = "",
                          .at = 0};
  const Record row = EnergyRow({}, LogOf(6), of, [](double begin_s, double end_s) {
    return Joules{25 * (end_s - begin_s), ""};
  });
  EXPECT_EQ(row.status, Status::kOk);
  EXPECT_EQ(row.metric, "energy_per_token");
  ASSERT_THAT(row.samples, SizeIs(6));
  EXPECT_NEAR(row.median, 2, 1e-9);
  EXPECT_NEAR(row.cold.value_or(0), 2, 1e-9);
  EXPECT_TRUE(row.converged);
  EXPECT_EQ(row.shape, "flat");
  EXPECT_EQ(row.params["energy"]["source"], "rapl-package");
  EXPECT_EQ(row.params["energy"]["scope"], "1 processor package");
  EXPECT_EQ(row.params["energy"]["idle_w"], 3.5);
}

TEST(EnergyRow, SaysHowManyWindowsWereRefusedAndIsUnsupportedWhenAllWere) {
  EnergyOfDevice of;
  of.source = "battery", of.idle_reason = "too short";
  const auto late = [](double begin_s, double) {
    return begin_s < 3 ? Joules{{}, "it was not read"} : Joules{8, ""};
  };
  const Record some = EnergyRow({}, LogOf(6), of, late);
  EXPECT_THAT(some.samples, SizeIs(4));
  EXPECT_EQ(some.params["energy"]["refused_windows"], 2);
  EXPECT_TRUE(some.params["energy"]["idle_w"].is_null());
  EXPECT_EQ(some.params["energy"]["idle_reason"], "too short");
  const Record none =
      EnergyRow({}, LogOf(6), of, [](double, double) { return Joules{{}, "it was not read"}; });
  EXPECT_EQ(none.status, Status::kUnsupported);
  EXPECT_EQ(none.reason, "it was not read");
  EXPECT_THAT(none.samples, IsEmpty());
}

}  // namespace
}  // namespace inferometer
