// Control group limits of both versions, and the affinity mask.
#include "probes/cgroup.h"

#include <gtest/gtest.h>

#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

TEST(Cgroup, TakesTheLeastLimitOnTheWayToTheRoot) {
  Scratch scratch;
  scratch.Write("/proc/self/cgroup", "0::/slice/job\n");
  scratch.Write("/sys/fs/cgroup/slice/job/cpu.max", "max 100000");
  scratch.Write("/sys/fs/cgroup/slice/cpu.max", "150000 100000");
  scratch.Write("/sys/fs/cgroup/slice/job/memory.max", "8192");
  scratch.Write("/sys/fs/cgroup/slice/memory.max", "4096");
  const Reader reader(scratch.root);
  EXPECT_EQ(CgroupCpuQuota(reader).value, 1.5);
  EXPECT_EQ(CgroupMemoryLimit(reader).value, 4096);
  EXPECT_EQ(CgroupMemoryLimit(reader).source, "cgroup v2 memory.max");
}

TEST(Cgroup, ReadsVersionOne) {
  Scratch scratch;
  scratch.Write("/proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n");
  scratch.Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us",
                "400000");  // the container's own root
  scratch.Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
  scratch.Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  const Reader reader(scratch.root);
  EXPECT_EQ(CgroupCpuQuota(reader).value, 4.0);
  EXPECT_EQ(CgroupMemoryLimit(reader).value, std::nullopt);
}

TEST(Cgroup, StandsMalformedGroups) {
  Scratch scratch;
  scratch.Write("/proc/self/cgroup", "0::relative\n0::/../..\n:::\nnothing\n");
  scratch.Write("/sys/fs/cgroup/cpu.max", "-1 0");
  EXPECT_EQ(CgroupCpuQuota(Reader(scratch.root)).value, std::nullopt);
}

TEST(Affinity, TwoOfSixtyFourAreTwo) {
  Scratch scratch;
  scratch.Write("/sys/devices/system/cpu/online", "0-63");
  scratch.Write("/proc/self/status", "Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t4,9\n");
  const nlohmann::json device = DescribeDevice(scratch.root);
  EXPECT_EQ(device.at("/cpu/threads"_json_pointer), 64);
  EXPECT_EQ(device.at("/cpu/usable/cpus"_json_pointer), 2);
  EXPECT_EQ(device.at("/cpu/usable/list"_json_pointer), "4,9");
}

}  // namespace
}  // namespace inferometer
