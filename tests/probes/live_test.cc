// On the machine at hand: agreement with lscpu and lstopo, a recording that repeats it, no
// identity.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "harness/base/cpu_features.h"
#include "probes/reader.h"
#include "probes/topology.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

std::string OutputOf(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return text;
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  pclose(pipe);
  return text;
}

TEST(Live, AgreesWithLscpu) {
  const std::string text = OutputOf("LC_ALL=C lscpu");
  if (text.empty())
    GTEST_SKIP() << "lscpu is not installed: processor facts are not compared with it";
  const nlohmann::json cpu = DescribeDevice().at("cpu");
  const auto number = [&](const char* key) { return ParseInteger(Field(text, key).value_or("")); };
  EXPECT_EQ(ParseCpuList(Field(text, "On-line CPU(s) list").value_or("")),
            ReadTopology(Reader(SystemRoot{})).cpus);
  if (const auto sockets = number("Socket(s)")) {
    EXPECT_EQ(cpu.at("packages"), *sockets);
    if (const auto cores = number("Core(s) per socket")) {
      EXPECT_EQ(cpu.at("cores"), *sockets * *cores);
    }
  }
  if (const auto threads = number("Thread(s) per core")) {
    EXPECT_EQ(cpu.at("threads_per_core"), *threads);
  }
#if defined(__x86_64__)
  EXPECT_EQ(cpu.at("name"), Field(text, "Model name").value_or(""));
  EXPECT_EQ(cpu.at("vendor"), Field(text, "Vendor ID").value_or(""));
#endif
}

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

TEST(Live, AgreesWithLstopo) {
  const Topology topology = ReadTopology(Reader(SystemRoot{}));
  const std::string pus = OutputOf("lstopo-no-graphics --only pu | wc -l"),
                    cores = OutputOf("lstopo-no-graphics --only core | wc -l");
  if (OutputOf("lstopo-no-graphics --version").empty())
    GTEST_SKIP() << "lstopo-no-graphics is not installed: the topology is not compared with it";
  EXPECT_EQ(ParseInteger(pus), static_cast<std::int64_t>(topology.cpus.size()));
  EXPECT_EQ(ParseInteger(cores), static_cast<std::int64_t>(topology.cores.size()));
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
  const nlohmann::json live = RecordDevice(scratch.root.files);
  EXPECT_EQ(DescribeDevice(RecordedRoot(scratch.root.files)), live);
}

TEST(Live, NothingIdentifiesThisMachineOrItsUser) {
  Scratch scratch;
  std::string text = RecordDevice(scratch.root.files).dump();
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
  for (const std::string& secret : secrets) {
    // Short words such as "vm" or "root" occur in ordinary text.
    if (secret.size() < 6) continue;
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace inferometer
