// Every recorded device must give exactly the description that was checked by eye.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "harness/base/file.h"
#include "probes/probe.h"
#include "probes/reader.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

const std::string kDevices = std::string(INFEROMETER_TEST_DIR) + "/fixtures/devices/";

nlohmann::json Describe(const std::string& name) {
  return DescribeDevice(RecordedRoot(kDevices + name));
}

class Device : public testing::TestWithParam<const char*> {};

TEST_P(Device, EqualsItsGoldenFile) {
  const std::string folder = kDevices + GetParam(), golden = folder + "/device.json";
#if !INFEROMETER_HAVE_HWLOC
  if (std::filesystem::exists(folder + "/hwloc.xml") &&
      GetParam() != std::string("hostile-sysfs")) {
    GTEST_SKIP() << GetParam() << ": its topology is an hwloc XML, and this build has no hwloc";
  }
#endif
  const nlohmann::json device = Describe(GetParam());
  if (std::getenv("INFEROMETER_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden) << device.dump(1) << "\n";
  }
  const nlohmann::json want = nlohmann::json::parse(ReadText(golden));
  EXPECT_EQ(device, want) << nlohmann::json::diff(want, device).dump(1);
}

TEST_P(Device, HasASourceForEveryFactAndAReasonForEveryNull) {
  const nlohmann::json device = Describe(GetParam());
  std::set<std::string> keys;
  for (const auto& fact : device.at("facts")) {
    const auto key = fact.at("key").get<std::string>();
    EXPECT_TRUE(keys.insert(key).second) << key << " twice";
    EXPECT_NE(fact.at("source"), "") << key;
    std::string pointer = "/" + key;
    for (char& c : pointer) c = c == '.' ? '/' : c;
    const auto& value = device.at(nlohmann::json::json_pointer(pointer));
    EXPECT_EQ(value.is_null(), fact.contains("reason")) << key;
    EXPECT_NE(fact.value("reason", "none"), "") << key;
  }
  for (const char* key : {"cpu", "memory", "os", "power", "thermal", "environment"})
    EXPECT_TRUE(device.at(key).is_object()) << key;
  EXPECT_TRUE(device.at("gpus").is_array());
}

INSTANTIATE_TEST_SUITE_P(Recorded, Device,
                         testing::Values("laptop-hybrid-battery", "phone-android",
                                         "desktop-amd-two-gpus", "server-two-sockets",
                                         "container-2-of-64", "vm-without-sensors",
                                         "single-board-arm", "hostile-sysfs"),
                         [](const auto& device) {
                           std::string name = device.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(Devices, AContainerWithTwoOfSixtyFourSaysTwo) {
  const nlohmann::json device = Describe("container-2-of-64");
  EXPECT_EQ(device.at("/cpu/usable/cpus"_json_pointer), 2);
  EXPECT_EQ(device.at("/memory/limit_bytes"_json_pointer), 4294967296);
}

TEST(Devices, ClosedCountersNameTheCommandThatOpensThem) {
  const nlohmann::json device = Describe("laptop-hybrid-battery");
  const auto& package = device.at("/power/rapl/0"_json_pointer);
  EXPECT_EQ(package.at("readable"), false);
  EXPECT_NE(package.at("reason").get<std::string>().find("sudo chmod a+r"), std::string::npos)
      << package;
}

TEST(Devices, TheBoardsSerialNumberIsNotTold) {
  const std::string text = Describe("single-board-arm").dump();
  EXPECT_EQ(text.find("deadbeef"), std::string::npos);
}

TEST(Devices, AModelThatContradictsItsInstructionsIsNotBelieved) {
  Scratch scratch;
  const auto describe = [&](const std::string& flags) {
    scratch.Write("/proc/cpuinfo",
                  "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 167\n"
                  "model name\t: Intel(R) Xeon(R) Processor\nstepping\t: 1\nflags\t\t: fpu " +
                      flags + "\n");
    return DescribeDevice(scratch.root).at("/cpu/microarchitecture"_json_pointer);
  };
  EXPECT_EQ(describe("avx512f"), "Rocket Lake");
  EXPECT_EQ(describe("avx512f amx_tile"), nullptr);
}

}  // namespace
}  // namespace inferometer
