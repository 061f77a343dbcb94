// Sources of energy on recorded roots: what is counted, what is not, and why.
#include "probes/power_sources.h"

#include <gmock/gmock.h>

#include "probes/power_meter.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kRapl = "/sys/class/powercap/";
const std::string kHwmon = "/sys/class/hwmon/";
const std::string kSupply = "/sys/class/power_supply/";

class PowerSourcesTest : public ::testing::Test {
 protected:
  void Zone(const std::string& zone, const std::string& name, const std::string& energy_uj) {
    system_.Write(kRapl + zone + "/name", name + "\n");
    system_.Write(kRapl + zone + "/energy_uj", energy_uj + "\n");
    system_.Write(kRapl + zone + "/max_energy_range_uj", "262143328850\n");
  }
  void Battery(const std::string& name, const std::string& status) {
    system_.Write(kSupply + name + "/type", "Battery\n");
    system_.Write(kSupply + name + "/status", status + "\n");
  }
  void Adapter(const std::string& online) {
    system_.Write(kSupply + "AC/type", "Mains\n");
    system_.Write(kSupply + "AC/online", online + "\n");
  }
  PowerSources Find() { return FindPowerSources(Reader(system_.root)); }
  std::vector<std::string> Files(const PowerSource& source) {
    std::vector<std::string> files;
    for (const PowerChannel& channel : source.channels) files.push_back(channel.file);
    return files;
  }

  Scratch system_;
};

TEST_F(PowerSourcesTest, NothingIsSaidInWords) {
  const PowerSources sources = Find();
  EXPECT_THAT(sources.usable, IsEmpty());
  EXPECT_THAT(WhyNoJoules(sources), HasSubstr("no energy counter, power sensor or battery"));
}

TEST_F(PowerSourcesTest, PackagesAreSummedAndWhatLiesWithinThemIsNot) {
  Zone("intel-rapl:0", "package-0", "1000000");
  Zone("intel-rapl:0:0", "core", "400000");
  Zone("intel-rapl:0:1", "dram", "300000");
  Zone("intel-rapl:1", "package-1", "2000000");
  Zone("intel-rapl:2", "psys", "5000000");
  Zone("intel-rapl-mmio:0", "package-0", "1000000");  // the same package, seen a second way
  const PowerSources sources = Find();
  ASSERT_THAT(sources.usable, SizeIs(1));
  EXPECT_EQ(sources.usable[0].name, "rapl-package");
  EXPECT_EQ(sources.usable[0].scope, PowerScope::kProcessor);
  EXPECT_THAT(sources.usable[0].scope_text, HasSubstr("2 processor packages"));
  EXPECT_THAT(Files(sources.usable[0]),
              ElementsAre(kRapl + "intel-rapl:0/energy_uj", kRapl + "intel-rapl:1/energy_uj"));
  EXPECT_NEAR(*sources.usable[0].channels[0].wraps_at_j, 262143.32885, 1e-6);

  const PowerMeter meter(Reader(system_.root), sources.usable[0]);
  EXPECT_THAT(meter.Read(), ElementsAre(1.0, 2.0));
  system_.Write(kRapl + "intel-rapl:1/energy_uj", "2500000\n");
  EXPECT_THAT(meter.Read(), ElementsAre(1.0, 2.5));
  system_.Write(kRapl + "intel-rapl:0/energy_uj", "garbage\n");
  EXPECT_FALSE(meter.Read()[0].has_value());
}

TEST_F(PowerSourcesTest, OnePackageClosedClosesTheSumAndNamesTheCommand) {
  Zone("intel-rapl:0", "package-0", "1000000");
  Zone("intel-rapl:1", "package-1", "2000000");
  system_.Write("/inferometer/denied", kRapl + "intel-rapl:1/energy_uj\n");
  const PowerSources sources = Find();
  EXPECT_THAT(sources.usable, IsEmpty());
  EXPECT_THAT(WhyNoJoules(sources), HasSubstr("permission denied"));
  EXPECT_THAT(WhyNoJoules(sources),
              HasSubstr("sudo chmod a+r /sys/class/powercap/*rapl:*/energy_uj"));
}

TEST_F(PowerSourcesTest, ADischargingBatteryCountsWhileItDischarges) {
  Battery("BAT0", "Discharging");
  system_.Write(kSupply + "BAT0/power_now", "11520000\n");
  system_.Write(kSupply + "mouse/type", "Battery\n");
  system_.Write(kSupply + "mouse/scope", "Device\n");
  system_.Write(kSupply + "mouse/status", "Charging\n");
  Adapter("0");
  const PowerSources sources = Find();
  ASSERT_THAT(sources.usable, SizeIs(1));
  EXPECT_EQ(sources.usable[0].name, "battery");
  EXPECT_EQ(sources.usable[0].scope, PowerScope::kMachine);
  const PowerMeter meter(Reader(system_.root), sources.usable[0]);
  EXPECT_THAT(meter.Read(), ElementsAre(11.52));
  // The adapter is plugged in while it is read.
  system_.Write(kSupply + "BAT0/status", "Charging\n");
  EXPECT_FALSE(meter.Read()[0].has_value());
}

TEST_F(PowerSourcesTest, CurrentTimesVoltageWhateverItsSign) {
  Battery("battery", "Discharging");
  system_.Write(kSupply + "battery/current_now", "-352000\n");
  system_.Write(kSupply + "battery/voltage_now", "4000000\n");
  const PowerSources sources = Find();
  ASSERT_THAT(sources.usable, SizeIs(1));
  const PowerMeter meter(Reader(system_.root), sources.usable[0]);
  ASSERT_TRUE(meter.Read()[0].has_value());
  EXPECT_NEAR(*meter.Read()[0], 1.408, 1e-9);
}

TEST_F(PowerSourcesTest, WhatIsLeftInABatteryInWattHoursOrInAmpereHours) {
  Battery("BAT0", "Discharging");
  system_.Write(kSupply + "BAT0/energy_now", "50000000\n");  // 50 Wh
  Battery("BAT1", "Discharging");
  system_.Write(kSupply + "BAT1/charge_now", "2000000\n");  // 2 Ah
  system_.Write(kSupply + "BAT1/voltage_now", "10000000\n");
  const PowerSources sources = Find();
  ASSERT_THAT(sources.usable, SizeIs(1));
  ASSERT_THAT(sources.usable[0].channels, SizeIs(2));
  EXPECT_EQ(sources.usable[0].channels[0].kind, PowerKind::kCharge);
  const auto left = PowerMeter(Reader(system_.root), sources.usable[0]).Read();
  EXPECT_NEAR(left[0].value_or(0), 180000, 1e-6);
  EXPECT_NEAR(left[1].value_or(0), 72000, 1e-6);
}

TEST_F(PowerSourcesTest, AChargingBatteryAndOneThatAnAdapterHelpsAreRefused) {
  Battery("BAT0", "Charging");
  system_.Write(kSupply + "BAT0/power_now", "11520000\n");
  Adapter("1");
  EXPECT_THAT(Find().usable, IsEmpty());
  EXPECT_THAT(WhyNoJoules(Find()), HasSubstr("unplug the adapter"));
  system_.Write(kSupply + "BAT0/status", "Discharging\n");  // the adapter is too weak
  EXPECT_THAT(Find().usable, IsEmpty());
  Adapter("0");
  EXPECT_THAT(Find().usable, SizeIs(1));
}

TEST_F(PowerSourcesTest, OneOfTwoBatteriesThatTellsNothingIsRefused) {
  Battery("BAT0", "Discharging");
  system_.Write(kSupply + "BAT0/power_now", "11520000\n");
  Battery("BAT1", "Discharging");
  EXPECT_THAT(Find().usable, IsEmpty());
  EXPECT_THAT(WhyNoJoules(Find()), HasSubstr("does not tell its power"));
}

TEST_F(PowerSourcesTest, SensorsAreKnownByTheirChipsAndOverlapsAreNotSummed) {
  system_.Write(kHwmon + "hwmon0/name", "amd_energy\n");
  for (const auto& [n, label] :
       {std::pair("1", "Ecore000"), std::pair("2", "Ecore001"), std::pair("3", "Esocket0")}) {
    system_.Write(kHwmon + "hwmon0/energy" + n + "_input", "7000000\n");
    system_.Write(kHwmon + "hwmon0/energy" + n + "_label", std::string(label) + "\n");
  }
  system_.Write(kHwmon + "hwmon1/name", "xe\n");
  for (const auto& [n, label] : {std::pair("1", "card"), std::pair("2", "pkg")}) {
    system_.Write(kHwmon + "hwmon1/energy" + n + "_input", "3000000\n");
    system_.Write(kHwmon + "hwmon1/energy" + n + "_label", std::string(label) + "\n");
  }
  system_.Write(kHwmon + "hwmon2/name", "rails\n");
  system_.Write(kHwmon + "hwmon2/energy1_input", "1\n");
  system_.Write(kHwmon + "hwmon2/energy2_input", "1\n");
  const PowerSources sources = Find();
  ASSERT_THAT(sources.usable, SizeIs(2));
  EXPECT_EQ(sources.usable[0].name, "hwmon:amd_energy");
  EXPECT_EQ(sources.usable[0].scope, PowerScope::kProcessor);
  EXPECT_THAT(Files(sources.usable[0]), ElementsAre(kHwmon + "hwmon0/energy3_input"));
  EXPECT_EQ(sources.usable[1].scope, PowerScope::kGpu);
  EXPECT_THAT(Files(sources.usable[1]), ElementsAre(kHwmon + "hwmon1/energy1_input"));
  EXPECT_THAT(sources.obstacles, ElementsAre(HasSubstr("hwmon:rails: 2 channels")));
}

TEST_F(PowerSourcesTest, RecordedDevicesGiveWhatTheirFilesCanGive) {
  const std::string devices = std::string(INFEROMETER_TEST_DIR) + "/fixtures/devices/";
  const auto of = [&devices](const std::string& name) {
    const SystemRoot root = RecordedRoot(devices + name);
    return FindPowerSources(Reader(root));
  };
  const PowerSources server = of("server-two-sockets");
  ASSERT_THAT(server.usable, SizeIs(1));
  EXPECT_THAT(server.usable[0].channels, SizeIs(2));
  const PowerSources laptop = of("laptop-hybrid-battery");
  ASSERT_THAT(laptop.usable, SizeIs(1));
  EXPECT_EQ(laptop.usable[0].name, "battery");
  EXPECT_THAT(laptop.obstacles, ElementsAre(HasSubstr("sudo chmod")));
  const PowerSources phone = of("phone-android");
  ASSERT_THAT(phone.usable, SizeIs(1));
  EXPECT_EQ(phone.usable[0].channels[0].kind, PowerKind::kAmperes);
  EXPECT_THAT(of("vm-without-sensors").usable, IsEmpty());
  EXPECT_THAT(of("hostile-sysfs").usable, IsEmpty());
}

}  // namespace
}  // namespace inferometer
