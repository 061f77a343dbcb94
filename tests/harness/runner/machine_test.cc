// The machine's state from recorded files and descriptions.
#include "harness/runner/machine.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace inferometer {
namespace {

TEST(CpuTimes, ReadsTheFirstLine) {
  const auto root = std::filesystem::path(::testing::TempDir()) / "inferometer_machine";
  std::filesystem::create_directories(root / "proc");
  std::ofstream(root / "proc/stat") << "cpu  1000 0 500 8000 100 0 0 400 0 0\ncpu0 1 2 3\n";
  const auto times = ReadCpuTimes(root.string());
  ASSERT_TRUE(times.has_value());
  EXPECT_NEAR(times->total_s, 100, 1e-9);
  EXPECT_NEAR(times->busy_s, 15, 1e-9);
  EXPECT_NEAR(times->steal_s, 4, 1e-9);
  std::ofstream(root / "proc/stat") << "not what is expected";
  EXPECT_FALSE(ReadCpuTimes(root.string()).has_value());
  std::filesystem::remove_all(root);
  EXPECT_FALSE(ReadCpuTimes(root.string()).has_value());
}

TEST(CpuTimes, SharesLeaveOutThisProcess) {
  const CpuShares shares = SharesBetween({100, 50, 1, 10}, {200, 110, 6, 60});
  EXPECT_NEAR(shares.others, 0.10, 1e-12);
  EXPECT_NEAR(shares.steal, 0.05, 1e-12);
}

TEST(Description, TakesTheTighterMemoryAndTheLastCache) {
  const nlohmann::json device = {
      {"memory", {{"available_bytes", 1000}, {"limit_bytes", 600}, {"total_bytes", 2000}}},
      {"cpu",
       {{"caches", {{{"level", 1}, {"size_bytes", 32}}, {{"level", 3}, {"size_bytes", 99}}}}}},
      {"environment", {{"hypervisor", "kvm"}}}};
  EXPECT_EQ(AvailableMemory(device), 600u);
  EXPECT_EQ(LastLevelCache(device), 99u);
  EXPECT_EQ(Hypervisor(device), "kvm");
  const nlohmann::json nothing = {{"memory", {{"available_bytes", nullptr}}}, {"cpu", nullptr}};
  EXPECT_FALSE(AvailableMemory(nothing).has_value());
  EXPECT_EQ(LastLevelCache(nothing), 0u);
  EXPECT_EQ(Hypervisor({{"environment", {{"hypervisor", "none"}}}}), "");
}

TEST(SwappedPages, AreThoseInAndOut) {
  const auto root = std::filesystem::path(::testing::TempDir()) / "inferometer_vmstat";
  std::filesystem::create_directories(root / "proc");
  EXPECT_FALSE(ReadSwappedPages(root.string()).has_value());
  std::ofstream(root / "proc/vmstat") << "nr_free_pages 100\npswpin 30\npswpout 12\npgfault 5\n";
  EXPECT_EQ(ReadSwappedPages(root.string()), 42u);
  std::ofstream(root / "proc/vmstat") << "nr_free_pages 100\n";
  EXPECT_FALSE(ReadSwappedPages(root.string()).has_value());
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace inferometer
