// The small grammars of procfs and sysfs, and the firmware's memory table.
#include <gtest/gtest.h>

#include "probes/dmi_memory.h"
#include "probes/reader.h"

namespace inferometer {
namespace {

TEST(CpuList, ReadsAndWritesTheKernelsForm) {
  EXPECT_EQ(ParseCpuList("0-3,8\n"), (std::vector<int>{0, 1, 2, 3, 8}));
  EXPECT_EQ(ParseCpuList(""), std::vector<int>());
  EXPECT_EQ(FormatCpuList({0, 1, 2, 3, 8}), "0-3,8");
}

TEST(CpuList, RefusesWhatIsMalformedOrAbsurd) {
  for (const char* text :
       {"0-", "-1", "3-1", "0-99999999", "a", "1,,2", "1 2", "4,2", "0-99999999999999999999"}) {
    EXPECT_EQ(ParseCpuList(text), std::nullopt) << text;
  }
}

TEST(Integer, IsTheWholeText) {
  EXPECT_EQ(ParseInteger(" -42\n"), -42);
  for (const char* text : {"", "4x", "0x10", "1.5", "99999999999999999999", "1 2"})
    EXPECT_EQ(ParseInteger(text), std::nullopt) << text;
}

std::string Structure(int type, const std::string& body, const std::string& strings) {
  std::string text;
  text += static_cast<char>(type);
  text += static_cast<char>(4 + body.size());
  return text + std::string(2, '\0') + body +
         (strings.empty() ? std::string("\0\0", 2) : strings + std::string("\0\0", 2));
}

std::string Module(int size, char type, int rated, int configured) {
  std::string body(0x22 - 4, '\0');
  const auto word = [&](std::size_t at, int value) {
    body[at - 4] = static_cast<char>(value & 0xff);
    body[at - 3] = static_cast<char>(value >> 8);
  };
  word(0x0c, size);
  body[0x12 - 4] = type;
  word(0x15, rated);
  word(0x20, configured);
  return Structure(17, body, "SERIAL123");
}

TEST(DmiMemory, TellsTypeAndConfiguredSpeedOfTheSlowestModule) {
  const std::string table = Structure(1, "xxxx", "Maker") + Module(0x4000, 0x22, 5600, 5200) +
                            Module(0, 2, 0, 0) + Module(0x4000, 0x22, 5600, 4800) +
                            Structure(127, "", "");
  EXPECT_EQ(DescribeDmiMemory(table), "type: DDR5\ntransfers_per_s: 4800000000\nmodules: 2");
}

TEST(DmiMemory, StandsEveryTruncation) {
  const std::string table = Module(0x4000, 0x1a, 3200, 0);
  EXPECT_EQ(DescribeDmiMemory(table), "type: DDR4\ntransfers_per_s: 3200000000\nmodules: 1");
  for (std::size_t n = 0; n < 0x22; ++n) EXPECT_EQ(DescribeDmiMemory(table.substr(0, n)), "") << n;
  EXPECT_EQ(DescribeDmiMemory(std::string(5000, '\xff')), "");
  EXPECT_EQ(DescribeDmiMemory(std::string(5000, '\0')), "");
}

}  // namespace
}  // namespace inferometer
