// Where threads may run, from hwloc, or from sysfs where the build has no hwloc.
#include "harness/base/cpu_places.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <tuple>

#ifdef INFEROMETER_HAVE_HWLOC
#include <hwloc.h>
#endif

namespace inferometer {
namespace {

bool Allowed(const cpu_set_t& mask, int cpu) {
  return cpu >= 0 && cpu < CPU_SETSIZE && CPU_ISSET(static_cast<std::size_t>(cpu), &mask);
}

#ifdef INFEROMETER_HAVE_HWLOC

std::vector<CpuPlace> FromHwloc(const cpu_set_t& mask) {
  std::vector<CpuPlace> places;
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0) return places;
  if (hwloc_topology_load(topology) == 0) {
    const int cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
    for (int c = 0; c < cores; ++c) {
      const hwloc_obj_t core =
          hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, static_cast<unsigned>(c));
      bool sibling = false;
      const int kind = hwloc_cpukinds_get_by_cpuset(topology, core->cpuset, 0);
      int efficiency = -1;
      if (kind >= 0) {
        hwloc_cpukinds_get_info(topology, static_cast<unsigned>(kind), nullptr, &efficiency,
                                nullptr, nullptr, 0);
      }
      for (int cpu = hwloc_bitmap_first(core->cpuset); cpu >= 0;
           cpu = hwloc_bitmap_next(core->cpuset, cpu)) {
        if (!Allowed(mask, cpu)) continue;
        places.push_back({cpu, std::max(efficiency, 0), sibling});
        sibling = true;
      }
    }
  }
  hwloc_topology_destroy(topology);
  return places;
}

#endif

// The first number in a small file of /sys/devices/system/cpu/cpuN/, or `otherwise`.
int SysfsNumber(int cpu, const std::string& file, int otherwise) {
  std::ifstream in("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/" + file);
  int value = otherwise;
  return in >> value ? value : otherwise;
}

std::vector<CpuPlace> FromSysfs(const cpu_set_t& mask) {
  std::vector<CpuPlace> places;
  std::set<std::pair<int, int>> seen;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!Allowed(mask, cpu)) continue;
    const std::pair<int, int> core{SysfsNumber(cpu, "topology/physical_package_id", 0),
                                   SysfsNumber(cpu, "topology/core_id", cpu)};
    // Documentation/ABI/testing/sysfs-devices-system-cpu: cpu_capacity is 1024 for the fastest.
    places.push_back({cpu, SysfsNumber(cpu, "cpu_capacity", 0), !seen.insert(core).second});
  }
  return places;
}

cpu_set_t InitialMask() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) CPU_SET(0, &mask);
  return mask;
}

std::vector<CpuPlace> FindPlaces(const cpu_set_t& mask) {
  std::vector<CpuPlace> places;
#ifdef INFEROMETER_HAVE_HWLOC
  places = FromHwloc(mask);
#endif
  if (places.empty()) places = FromSysfs(mask);
  if (places.empty()) places.push_back({});
  std::sort(places.begin(), places.end(), [](const CpuPlace& a, const CpuPlace& b) {
    return std::tuple(a.sibling, -a.efficiency, a.cpu) <
           std::tuple(b.sibling, -b.efficiency, b.cpu);
  });
  return places;
}

// Read once, before any thread is pinned: a pinned thread sees only its own place.
const cpu_set_t& ProcessMask() {
  static const cpu_set_t kMask = InitialMask();
  return kMask;
}

}  // namespace

const std::vector<CpuPlace>& CpuPlaces() {
  static const std::vector<CpuPlace> kPlaces = FindPlaces(ProcessMask());
  return kPlaces;
}

int CpuQuota() {
  // cgroup v2: "max 100000" or "200000 100000", microseconds of CPU time per period.
  std::ifstream v2("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (v2 >> quota >> period) {
    if (quota == "max" || period <= 0) return 0;
    return static_cast<int>(std::ceil(std::strtod(quota.c_str(), nullptr) / period));
  }
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double allowed = 0;
  if (v1_quota >> allowed && v1_period >> period && allowed > 0 && period > 0) {
    return static_cast<int>(std::ceil(allowed / period));
  }
  return 0;
}

int DefaultThreads() {
  const std::vector<CpuPlace>& places = CpuPlaces();
  const auto cores = std::count_if(places.begin(), places.end(),
                                   [](const CpuPlace& place) { return !place.sibling; });
  const int quota = CpuQuota();
  const int threads =
      quota > 0 ? std::min(static_cast<int>(cores), quota) : static_cast<int>(cores);
  return std::max(threads, 1);
}

bool UnpinThisThread() { return sched_setaffinity(0, sizeof(cpu_set_t), &ProcessMask()) == 0; }

bool PinThisThread(const CpuPlace& place) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  CPU_SET(static_cast<std::size_t>(place.cpu), &mask);
  return sched_setaffinity(0, sizeof mask, &mask) == 0;
}

}  // namespace inferometer
