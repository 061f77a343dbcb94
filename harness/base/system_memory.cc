// Memory sizes from /proc/meminfo and the cgroup.
#include "harness/base/system_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace inferometer {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

std::uint64_t NumberIn(const char* path) {
  std::ifstream in(path);
  std::uint64_t value = 0;
  return in >> value ? value : kNone;  // "max" is no number
}

std::uint64_t FromMeminfo(const std::string& key) {
  std::ifstream in("/proc/meminfo");
  std::string name;
  std::uint64_t kib = 0;
  std::string rest;
  while (in >> name >> kib && std::getline(in, rest)) {
    if (name == key) return kib * 1024;
  }
  return kNone;
}

struct Cgroup {
  std::uint64_t limit = kNone, used = 0;
};

Cgroup ReadCgroup() {
  Cgroup cgroup;
  const std::uint64_t v2 = NumberIn("/sys/fs/cgroup/memory.max");
  const std::uint64_t v1 = NumberIn("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  cgroup.limit = std::min(v2, v1);
  const char* used =
      v2 <= v1 ? "/sys/fs/cgroup/memory.current" : "/sys/fs/cgroup/memory/memory.usage_in_bytes";
  const std::uint64_t bytes = NumberIn(used);
  cgroup.used = bytes == kNone ? 0 : bytes;
  return cgroup;
}

}  // namespace

std::uint64_t SystemMemoryBytes() {
  std::uint64_t bytes = FromMeminfo("MemTotal:");
  if (bytes == kNone) {
    bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
            static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  return std::min(bytes, ReadCgroup().limit);
}

std::uint64_t AvailableMemoryBytes() {
  const std::uint64_t bytes = FromMeminfo("MemAvailable:");
  const Cgroup cgroup = ReadCgroup();
  const std::uint64_t left =
      cgroup.limit == kNone ? kNone : cgroup.limit - std::min(cgroup.limit, cgroup.used);
  const std::uint64_t available = std::min(bytes, left);
  return available == kNone ? SystemMemoryBytes() : available;
}

}  // namespace inferometer
