// The start gate and the cool-down, on a made-up clock and made-up heat.
#include <gmock/gmock.h>

#include <functional>

#include "harness/runner/cool_down.h"
#include "harness/runner/start_gate.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

// A machine of four processors on which `load` of them are busy with other programs.
class GateTest : public ::testing::Test {
 protected:
  GateResult Wait(double limit_s) {
    CpuTimes times;
    return WaitUntilSettled({.now = [this] { return clock_s_; },
                             .sleep =
                                 [&](double seconds) {
                                   clock_s_ += seconds;
                                   times.total_s += 4 * seconds;
                                   times.busy_s += 4 * seconds * load_(clock_s_);
                                 },
                             .stop = [this] { return clock_s_ >= stop_s_; },
                             .load = [&]() -> std::optional<CpuTimes> { return times; },
                             .heat =
                                 [this] {
                                   Heat heat;
                                   if (temperature_) heat.hottest_c = temperature_(clock_s_);
                                   return heat;
                                 },
                             .waiting = [this] { ++said_; }},
                            limit_s);
  }

  double clock_s_ = 0, stop_s_ = 1e9;
  int said_ = 0;
  std::function<double(double)> load_ = [](double) { return 0.01; };
  std::function<double(double)> temperature_;  // empty: no sensor
};

TEST_F(GateTest, AQuietMachineIsLookedAtOnceAndNothingIsSaid) {
  const GateResult gate = Wait(10);
  EXPECT_TRUE(gate.settled);
  EXPECT_EQ(gate.waited_s, 0.5);
  EXPECT_EQ(said_, 0);
  ASSERT_TRUE(gate.load.has_value());
  EXPECT_NEAR(*gate.load, 0.01, 1e-9);
  EXPECT_FALSE(gate.hottest_c.has_value());
}

TEST_F(GateTest, WaitsUntilOtherProgramsHaveEnded) {
  load_ = [](double now_s) { return now_s <= 3 ? 0.5 : 0.0; };
  const GateResult gate = Wait(10);
  EXPECT_TRUE(gate.settled);
  EXPECT_EQ(gate.waited_s, 3.5);
  EXPECT_EQ(said_, 6);
}

TEST_F(GateTest, GivesUpAtTheLimitAndSaysWhy) {
  load_ = [](double) { return 0.5; };
  const GateResult gate = Wait(2);
  EXPECT_FALSE(gate.settled);
  EXPECT_LE(gate.waited_s, 2);
  EXPECT_THAT(gate.why, HasSubstr("other programs use 50 %"));
  const nlohmann::json described = Describe(gate, 2);
  EXPECT_EQ(described["settled"], false);
  EXPECT_EQ(described["waited_s"], gate.waited_s);
  EXPECT_THAT(described["reason"].get<std::string>(), HasSubstr("50 %"));
}

TEST_F(GateTest, WaitsWhileTheProcessorCoolsDown) {
  temperature_ = [](double now_s) { return std::max(50.0, 70 - 4 * now_s); };
  const GateResult gate = Wait(20);
  EXPECT_TRUE(gate.settled);
  EXPECT_NEAR(gate.waited_s, 5.5, 1e-9);
  EXPECT_EQ(gate.hottest_c, 50);
}

TEST_F(GateTest, EndsWhenTheRunIsStopped) {
  load_ = [](double) { return 0.5; };
  stop_s_ = 1;
  EXPECT_EQ(Wait(60).waited_s, 1);
}

TEST_F(GateTest, ATightBudgetLeavesNoRoom) {
  EXPECT_NEAR(GateLimit(9, 180), 9, 1e-9);
  EXPECT_NEAR(GateLimit(9, 8), 0.4, 1e-9);
  const GateResult gate = Wait(GateLimit(9, 8));
  EXPECT_EQ(gate.waited_s, 0);
  EXPECT_FALSE(gate.settled);
  EXPECT_THAT(gate.why, HasSubstr("no room"));
}

// A device whose probe gives 100 when cool and `speed_` now; measuring takes 20 ms.
class CoolDownTest : public ::testing::Test {
 protected:
  CoolDown Make(double budget_s = 100) {
    return {{.now = [this] { return clock_s_; },
             .sleep = [this](double seconds) { clock_s_ += seconds; },
             .stop = [] { return false; },
             .heat = [this] { return heat_; },
             .probe = [this](std::size_t) -> std::optional<double> {
               ++measured_;
               clock_s_ += 0.02;
               return speed_(clock_s_);
             },
             .waiting = [this](std::size_t) { ++said_; }},
            budget_s};
  }

  double clock_s_ = 0;
  int measured_ = 0, said_ = 0;
  Heat heat_;
  std::function<double(double)> speed_ = [](double) { return 100.0; };
};

TEST_F(CoolDownTest, WithoutSignsOfHeatNothingIsMeasuredAgain) {
  heat_.throttles = 7, heat_.margin_c = 30;
  CoolDown cool_down = Make();
  cool_down.Start(1, "");
  speed_ = [](double) { return 50.0; };  // slow for another reason than heat
  for (int i = 0; i < 10; ++i, clock_s_ += 3) cool_down.Before(0, 100);
  EXPECT_EQ(measured_, 1);
  EXPECT_EQ(cool_down.Describe()["waits"], 0);
}

TEST_F(CoolDownTest, WaitsUntilTheProbeIsBackWithinTwoPercent) {
  heat_.throttles = 7;
  CoolDown cool_down = Make();
  cool_down.Start(1, "");
  clock_s_ = 100;
  heat_.throttles = 8;
  speed_ = [](double now_s) { return now_s < 104 ? 90.0 : 98.5; };
  cool_down.Before(0, 1000);
  EXPECT_GE(clock_s_, 104);
  EXPECT_LT(clock_s_, 105);
  const nlohmann::json described = cool_down.Describe();
  EXPECT_EQ(described["waits"], 1);
  EXPECT_EQ(described["given_up"], 0);
  EXPECT_NEAR(described["waited_s"].get<double>(), clock_s_ - 100, 1e-9);
  EXPECT_EQ(said_, 1);
  // It has not throttled since, so the next case is not delayed.
  clock_s_ += 3;
  const int measured = measured_;
  cool_down.Before(0, 1000);
  EXPECT_EQ(measured_, measured);
}

TEST_F(CoolDownTest, CloseToTheLimitIsASignToo) {
  heat_.margin_c = 40;
  CoolDown cool_down = Make();
  cool_down.Start(1, "");
  heat_.margin_c = 3;
  clock_s_ = 10;
  cool_down.Before(0, 1000);
  EXPECT_EQ(measured_, 2);  // still as fast as at the start: no wait
  EXPECT_EQ(cool_down.Describe()["waits"], 0);
}

TEST_F(CoolDownTest, IsBoundedByTheRoomByTenSecondsAndByItsBudget) {
  heat_.margin_c = 1;
  CoolDown cool_down = Make(25);
  cool_down.Start(1, "");
  speed_ = [](double) { return 50.0; };  // never comes back
  const auto wait = [&](double room_s) {
    clock_s_ += 10;
    const double before_s = clock_s_;
    cool_down.Before(0, room_s);
    return clock_s_ - before_s;
  };
  EXPECT_LE(wait(16), 2.1);
  EXPECT_LE(wait(1), 0.1);
  for (int i = 0; i < 10; ++i) EXPECT_LE(wait(1e6), 10.1);
  const nlohmann::json described = cool_down.Describe();
  EXPECT_LE(described["waited_s"].get<double>(), 25.1);
  EXPECT_GE(described["waited_s"].get<double>(), 20);
  EXPECT_GE(described["given_up"].get<int>(), 10);
}

TEST_F(CoolDownTest, SkippedSaysWhyAndMeasuresNothing) {
  CoolDown cool_down = Make();
  cool_down.Start(1, "no sensor");
  heat_.margin_c = 1;
  cool_down.Before(0, 1000);
  EXPECT_EQ(measured_, 0);
  EXPECT_EQ(cool_down.Describe()["skipped"], "no sensor");
}

TEST(SpeedProbe, MeasuresADeviceThatHasTheKernel) {
  for (const Backend& backend : Backends()) {
    if (backend.name != "cpu") continue;
    const auto devices = backend.open({.threads = 1});
    ASSERT_FALSE(devices.empty());
    SpeedProbe probe(*devices.front());
    EXPECT_EQ(probe.why_not(), "");
    EXPECT_GT(probe.Measure(), 1e6);
  }
  const auto reference = OpenReference();
  EXPECT_FALSE(SpeedProbe(*reference).why_not().empty());
}

TEST(HeatWatch, ReadsZonesSensorsCountersAndClocks) {
  Scratch system;
  EXPECT_FALSE(HeatWatch(system.root).sees());
  const std::string zone = "/sys/class/thermal/thermal_zone0/";
  system.Write(zone + "type", "x86_pkg_temp\n");
  system.Write(zone + "temp", "61000\n");
  system.Write(zone + "trip_point_0_type", "active\n");
  system.Write(zone + "trip_point_0_temp", "55000\n");
  system.Write(zone + "trip_point_1_type", "passive\n");
  system.Write(zone + "trip_point_1_temp", "95000\n");
  system.Write("/sys/class/thermal/thermal_zone1/type", "iwlwifi_1\n");  // no trip point
  system.Write("/sys/class/thermal/thermal_zone1/temp", "99000\n");
  system.Write("/sys/class/hwmon/hwmon0/name", "coretemp\n");
  system.Write("/sys/class/hwmon/hwmon0/temp1_input", "70000\n");
  system.Write("/sys/class/hwmon/hwmon0/temp1_crit", "100000\n");
  system.Write("/sys/class/hwmon/hwmon1/name", "nvme\n");
  system.Write("/sys/class/hwmon/hwmon1/temp1_input", "84000\n");
  for (const std::string cpu : {"cpu0", "cpu1"}) {
    const std::string base = "/sys/devices/system/cpu/" + cpu + "/";
    system.Write(base + "thermal_throttle/core_throttle_count", "3\n");
    system.Write(base + "cpufreq/scaling_cur_freq", cpu == "cpu0" ? "800000\n" : "4200000\n");
  }
  system.Write("/sys/devices/system/cpu/cpufreq/boost", "1\n");
  const HeatWatch watch(system.root);
  ASSERT_TRUE(watch.sees());
  const Heat heat = watch.Look();
  EXPECT_EQ(heat.hottest_c, 70);
  EXPECT_EQ(heat.margin_c, 30);
  EXPECT_EQ(heat.throttles, 6);
  EXPECT_EQ(heat.clock_hz, 4.2e9);
  system.Write(zone + "temp", "93500\n");
  EXPECT_NEAR(watch.Look().margin_c.value_or(0), 1.5, 1e-9);
}

}  // namespace
}  // namespace inferometer
