// On the machine at hand: two roads to one fact agree, a recording repeats it, no identity.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "harness/base/cpu_features.h"
#include "probes/reader.h"
#include "probes/topology.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

// hwloc and sysfs are two roads to the same facts.
TEST(Live, HwlocAgreesWithSysfs) {
  const SystemRoot root;
  const Reader reader(root);
  const Topology a = ReadHwlocTopology(reader), b = ReadSysfsTopology(reader);
  if (a.source.empty()) GTEST_SKIP() << "no hwloc: " << a.reason;
  EXPECT_EQ(a.cpus, b.cpus);
  EXPECT_EQ(a.cores.size(), b.cores.size());
  EXPECT_EQ(a.packages, b.packages);
  if (b.caches.empty()) GTEST_SKIP() << "sysfs tells no caches here: they are not compared";
  ASSERT_EQ(a.caches.size(), b.caches.size());
  for (std::size_t i = 0; i < a.caches.size(); ++i) {
    EXPECT_EQ(a.caches[i].size_bytes, b.caches[i].size_bytes) << i;
    EXPECT_EQ(a.caches[i].count, b.caches[i].count) << i;
    EXPECT_EQ(a.caches[i].threads, b.caches[i].threads) << i;
  }
}

TEST(Live, UsableInstructionSetsAreAmongTheProcessors) {
  const nlohmann::json cpu = DescribeDevice().at("cpu");
#if defined(__x86_64__)
  const auto has = [&](const char* name) {
    return std::find(cpu.at("isa").begin(), cpu.at("isa").end(), name) != cpu.at("isa").end();
  };
  const CpuFeatures features = ReadCpuFeatures();
  EXPECT_EQ(features.avx2, has("avx2") && has("fma") && has("f16c"));
  EXPECT_EQ(features.avx512,
            has("avx512f") && has("avx512bw") && has("avx512vl") && has("avx512dq"));
  EXPECT_EQ(features.avx512_vnni, features.avx512 && has("avx512_vnni"));
#else
  EXPECT_TRUE(cpu.at("isa_usable").is_array());
#endif
}

TEST(Live, RecordingRepeatsTheDescription) {
  Scratch scratch;
  const nlohmann::json live = RecordDevice(scratch.root.files, INFEROMETER_GPU_HELPER);
  EXPECT_EQ(DescribeDevice(RecordedRoot(scratch.root.files)), live);
}

TEST(Live, NothingIdentifiesThisMachineOrItsUser) {
  Scratch scratch;
  std::string text = RecordDevice(scratch.root.files, INFEROMETER_GPU_HELPER).dump();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.root.files)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path());
    text += entry.path().filename().string() + "\n" +
            std::string(std::istreambuf_iterator<char>(in), {});
  }
  std::vector<std::string> secrets;
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) == 0) secrets.emplace_back(host);
  for (const char* name : {"USER", "LOGNAME", "HOME", "HOSTNAME"}) {
    if (const char* value = std::getenv(name)) secrets.emplace_back(value);
  }
  for (const char* path : {"/etc/machine-id", "/sys/class/dmi/id/product_uuid",
                           "/sys/class/dmi/id/product_serial", "/sys/class/dmi/id/board_serial",
                           "/proc/sys/kernel/random/boot_id", "/proc/device-tree/serial-number"}) {
    std::ifstream in(path);
    std::string line;
    if (std::getline(in, line)) secrets.push_back(line);
  }
  for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net")) {
    std::ifstream in(entry.path() / "address");
    std::string line;
    if (std::getline(in, line) && line != "00:00:00:00:00:00") secrets.push_back(line);
  }
  EXPECT_EQ(text.find("\"identity\""), std::string::npos);  // where drivers' UUIDs stand
  for (const std::string& secret : secrets) {
    // Short words such as "vm" or "root" occur in ordinary text.
    if (secret.size() < 6) continue;
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace inferometer
