// The page of each recorded device: what must stand there, within 80 columns, whatever the JSON.
#include "harness/report/probe_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "harness/base/file.h"
#include "harness/report/escape.h"

namespace inferometer {
namespace {

using testing::HasSubstr;
using testing::Not;

nlohmann::json Device(const std::string& name) {
  return nlohmann::json::parse(
      ReadText(std::string(INFEROMETER_TEST_DIR) + "/fixtures/devices/" + name + "/device.json"));
}

void ExpectNarrow(const std::string& page) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    // A path or a command is never broken.
    const bool one_word = line.find(' ', line.find_first_not_of(' ')) == std::string::npos;
    EXPECT_TRUE(one_word || Columns(line) <= 80) << line;
  }
}

TEST(ProbePage, IsNarrowForEveryDevice) {
  for (const char* name :
       {"laptop-hybrid-battery", "phone-android", "desktop-amd-two-gpus", "server-two-sockets",
        "container-2-of-64", "vm-without-sensors", "single-board-arm", "hostile-sysfs"}) {
    ExpectNarrow(ProbePage(Device(name), false));
  }
}

// Pages to look at: INFEROMETER_UPDATE_GOLDEN=1 rewrites them.
TEST(ProbePage, EqualsTheGoldenPages) {
  for (const std::string name : {"laptop-hybrid-battery", "phone-android", "desktop-amd-two-gpus",
                                 "server-two-sockets", "vm-without-sensors"}) {
    const std::string file =
        std::string(INFEROMETER_TEST_DIR) + "/harness/report/golden/probe-" + name + ".txt";
    const std::string page = ProbePage(Device(name), false);
    if (std::getenv("INFEROMETER_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << page;
    EXPECT_EQ(page, ReadText(file)) << name;
  }
}

TEST(ProbePage, TellsWhatMattersOnALaptop) {
  const std::string page = ProbePage(Device("laptop-hybrid-battery"), false);
  EXPECT_THAT(page, HasSubstr("12: 4 performance + 8 efficiency; 16 threads"));
  EXPECT_THAT(page, HasSubstr("  L2          4 x 1.25 MiB + 2 x 2 MiB\n  L3          18 MiB\n"));
  EXPECT_THAT(page, HasSubstr("63 %, Discharging, 11.5 W, holds 92 % of new"));
  EXPECT_THAT(page,
              HasSubstr("\n              sudo chmod a+r /sys/class/powercap/*rapl:*/energy_uj\n"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
}

TEST(ProbePage, SaysHowLittleAContainerMayUse) {
  const std::string page = ProbePage(Device("container-2-of-64"), false);
  EXPECT_THAT(page, HasSubstr("2 of 64 threads"));
  EXPECT_THAT(page, HasSubstr("4 GiB: a control group allows no more"));
}

TEST(ProbePage, MarksSoftwareAndDisplayOnlyDevices) {
  nlohmann::json device = Device("server-two-sockets");
  EXPECT_THAT(ProbePage(device, false), HasSubstr("display only"));
  device["gpus"] = {{{"name", "llvmpipe"}, {"software", true}, {"type", "cpu"}}};
  EXPECT_THAT(ProbePage(device, false), HasSubstr("llvmpipe; SOFTWARE"));
}

TEST(ProbePage, StandsAnyJson) {
  for (
      const char* text :
      {"null", "[]", "{}", R"({"cpu": 3, "gpus": {"a": 1}, "facts": "x"})",
       R"({"gpus": [1, null], "facts": [7]})",
       R"({"cpu": {"kinds": [1, 2], "caches": [null], "cores": 2, "governors": [[]]}, "power": {"batteries": [0]}})"}) {
    EXPECT_NO_THROW(ExpectNarrow(ProbePage(nlohmann::json::parse(text), false))) << text;
    EXPECT_NO_THROW(ProbePage(nlohmann::json::parse(text), true)) << text;
  }
  EXPECT_THAT(ProbePage({{"cpu", {{"name", "evil\x1b[2J"}}}}, false), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace inferometer
