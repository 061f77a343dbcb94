// Control groups, both versions (Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/).
#include "probes/cgroup.h"

#include <algorithm>

namespace inferometer {
namespace {

// A limit of version 1 at or above this means none: PAGE_COUNTER_MAX, 2^63 rounded to a page.
constexpr std::int64_t kNoLimit = std::int64_t{1} << 60;

struct Place {
  bool unified = false;  // version 2
  std::string folder;    // below /sys/fs/cgroup, without a slash at the end
};

// This process's group of the controller and every group above it, innermost first. Inside a
// container the path is often that of the host and does not exist; the mount's root then stands
// for the container's own group.
std::vector<Place> PlacesOf(const Reader& reader, std::string_view controller) {
  std::vector<Place> places;
  const Reading groups = reader.Text("/proc/self/cgroup");
  if (!groups) return places;
  for (const std::string& line : SplitLines(*groups.text)) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    if (!path.starts_with('/') || path.find("..") != std::string::npos) path = "/";
    const bool unified = names.empty();
    if (!unified &&
        ("," + names + ",").find("," + std::string(controller) + ",") == std::string::npos)
      continue;
    for (int depth = 0; depth < 64; ++depth) {
      while (!path.empty() && path.back() == '/') path.pop_back();
      if (unified) {
        places.push_back({true, "/sys/fs/cgroup" + path});
      } else {
        places.push_back({false, "/sys/fs/cgroup/" + names + path});
        if (names != controller)
          places.push_back({false, "/sys/fs/cgroup/" + std::string(controller) + path});
      }
      if (path.empty()) break;
      path.resize(path.find_last_of('/'));
    }
  }
  return places;
}

// Without the group's path, which holds ids of users and containers.
std::string NameOf(const std::string& file, const Place& place) {
  return (place.unified ? "cgroup v2 " : "cgroup v1 ") + file.substr(file.find_last_of('/') + 1);
}

void Lower(CgroupLimit* limit, double value, const std::string& source) {
  if (limit->value && *limit->value <= value) return;
  limit->value = value;
  limit->source = source;
}

}  // namespace

CgroupLimit CgroupCpuQuota(const Reader& reader) {
  CgroupLimit limit{{}, "/proc/self/cgroup, /sys/fs/cgroup"};
  for (const Place& place : PlacesOf(reader, "cpu")) {
    std::optional<std::int64_t> quota, period;
    const std::string file = place.folder + (place.unified ? "/cpu.max" : "/cpu.cfs_quota_us");
    if (place.unified) {
      const Reading max = reader.Text(file);  // "200000 100000" or "max 100000"
      const auto words = max ? SplitWords(*max.text) : std::vector<std::string>();
      if (words.size() != 2) continue;
      quota = ParseInteger(words[0]);
      period = ParseInteger(words[1]);
    } else {
      quota = reader.Integer(file);  // -1: none
      period =
          quota && *quota > 0 ? reader.Integer(place.folder + "/cpu.cfs_period_us") : std::nullopt;
    }
    if (!quota || !period || *quota <= 0 || *period <= 0) continue;
    Lower(&limit, static_cast<double>(*quota) / static_cast<double>(*period), NameOf(file, place));
  }
  return limit;
}

CgroupLimit CgroupMemoryLimit(const Reader& reader) {
  CgroupLimit limit{{}, "/proc/self/cgroup, /sys/fs/cgroup"};
  for (const Place& place : PlacesOf(reader, "memory")) {
    const std::string file =
        place.folder + (place.unified ? "/memory.max" : "/memory.limit_in_bytes");
    const auto bytes = reader.Integer(file);  // version 2 without a limit says "max"
    if (!bytes || *bytes <= 0 || *bytes >= kNoLimit) continue;
    Lower(&limit, static_cast<double>(*bytes), NameOf(file, place));
  }
  return limit;
}

}  // namespace inferometer
