// Topology from sysfs (Documentation/admin-guide/cputopology.rst,
// ABI/testing/sysfs-devices-system-cpu).
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "probes/topology.h"

namespace inferometer {
namespace {

const std::string kCpus = "/sys/devices/system/cpu/";

std::string CpuFile(int cpu, const std::string& name) {
  return kCpus + "cpu" + std::to_string(cpu) + "/" + name;
}

std::vector<int> OnlineCpus(const Reader& reader) {
  for (const char* name : {"online", "present"}) {
    const Reading reading = reader.Text(kCpus + name);
    if (!reading) continue;
    if (auto cpus = ParseCpuList(*reading.text); cpus && !cpus->empty()) return *cpus;
  }
  std::vector<int> cpus;  // Android hides part of sysfs; /proc/cpuinfo lists online processors
  const Reading reading = reader.Text("/proc/cpuinfo", Reader::kLargeFile);
  if (!reading) return cpus;
  for (const std::string& line : SplitLines(*reading.text)) {
    if (!line.starts_with("processor")) continue;
    const auto number = ParseInteger(Field(line, "processor").value_or(""));
    if (number && *number >= 0 && *number < 8192) cpus.push_back(static_cast<int>(*number));
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

// "512K", "32768K", "1M"
std::int64_t CacheSize(const std::string& text) {
  if (text.empty()) return 0;
  const char unit = text.back();
  const int shift = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0;
  const auto number = ParseInteger(std::string_view(text).substr(0, text.size() - (shift != 0)));
  return number && *number > 0 && *number < (std::int64_t{1} << 32) ? *number << shift : 0;
}

std::vector<CacheLevel> ReadCaches(const Reader& reader, const std::vector<int>& cpus) {
  using Kind = std::tuple<int, std::string, std::int64_t, std::int64_t, int>;
  std::map<Kind, std::set<std::string>> kinds;  // each with the sets of CPUs that share one
  for (const int cpu : cpus) {
    const std::string folder = CpuFile(cpu, "cache");
    for (const std::string& index : reader.List(folder)) {
      if (!index.starts_with("index")) continue;
      const std::string base = folder + "/" + index + "/";
      const auto level = reader.Integer(base + "level");
      const Reading type = reader.Text(base + "type"), size = reader.Text(base + "size");
      const Reading shared = reader.Text(base + "shared_cpu_list");
      const std::int64_t size_bytes = size ? CacheSize(*size.text) : 0;
      if (!level || *level < 1 || *level > 9 || !type || size_bytes == 0) continue;
      std::string name = *type.text;
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(tolower(c)); });
      const std::string sharers = shared ? *shared.text : std::to_string(cpu);
      const auto list = ParseCpuList(sharers);
      const auto line = reader.Integer(base + "coherency_line_size");
      kinds[{static_cast<int>(*level), name, size_bytes, line && *line > 0 ? *line : 0,
             list ? static_cast<int>(list->size()) : 1}]
          .insert(sharers);
    }
  }
  std::vector<CacheLevel> caches;
  for (const auto& [kind, sets] : kinds) {
    const auto& [level, type, size, line, threads] = kind;
    caches.push_back({level, type, size, line, threads, static_cast<int>(sets.size())});
  }
  return caches;
}

std::vector<MemoryNode> ReadNodes(const Reader& reader) {
  std::vector<MemoryNode> nodes;
  const std::string base = "/sys/devices/system/node/";
  for (const std::string& name : reader.List(base)) {
    const auto id = name.starts_with("node") ? ParseInteger(name.substr(4)) : std::nullopt;
    if (!id || *id < 0 || *id >= 4096) continue;
    MemoryNode node{static_cast<int>(*id), 0, {}};
    if (const Reading list = reader.Text(base + name + "/cpulist")) {
      node.cpus = ParseCpuList(*list.text).value_or(std::vector<int>());
    }
    if (const Reading memory = reader.Text(base + name + "/meminfo")) {
      for (const std::string& line : SplitLines(*memory.text)) {
        const auto words = SplitWords(line);  // Node 0 MemTotal: 65795040 kB
        if (words.size() < 4 || words[2] != "MemTotal:") continue;
        const auto kib = ParseInteger(words[3]);
        if (kib && *kib > 0 && *kib < (std::int64_t{1} << 50)) node.size_bytes = *kib * 1024;
      }
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

std::vector<std::vector<int>> ReadCores(const Reader& reader, const std::vector<int>& cpus) {
  std::set<std::vector<int>> cores;
  for (const int cpu : cpus) {
    Reading siblings = reader.Text(CpuFile(cpu, "topology/core_cpus_list"));
    if (!siblings) siblings = reader.Text(CpuFile(cpu, "topology/thread_siblings_list"));
    const auto list = siblings ? ParseCpuList(*siblings.text) : std::nullopt;
    cores.insert(list && !list->empty() ? *list : std::vector<int>{cpu});
  }
  return {cores.begin(), cores.end()};
}

}  // namespace

std::vector<CoreKind> ReadSysfsKinds(const Reader& reader, const std::vector<int>& cpus) {
  std::vector<CoreKind> kinds;
  // Intel's hybrid processors have one performance monitor per kind of core.
  constexpr const char* kMonitors[][2] = {
      {"cpu_core", "performance"}, {"cpu_atom", "efficiency"}, {"cpu_lowpower", "low-power"}};
  for (const auto& [monitor, name] : kMonitors) {
    const Reading list = reader.Text(std::string("/sys/devices/") + monitor + "/cpus");
    const auto members = list ? ParseCpuList(*list.text) : std::nullopt;
    if (members && !members->empty()) kinds.push_back({name, *members, 0, 0});
  }
  if (kinds.empty()) {
    // Elsewhere by what the core is (Arm's main ID register) and how fast the kernel says it is.
    std::map<std::string, std::vector<std::pair<std::int64_t, int>>, std::less<>> models;
    bool capacities = true;
    for (const int cpu : cpus)
      capacities &= reader.Integer(CpuFile(cpu, "cpu_capacity")).has_value();
    for (const int cpu : cpus) {
      const auto speed =
          reader.Integer(CpuFile(cpu, capacities ? "cpu_capacity" : "cpufreq/cpuinfo_max_freq"));
      const Reading model = reader.Text(CpuFile(cpu, "regs/identification/midr_el1"));
      models[model ? *model.text : ""].emplace_back(std::max<std::int64_t>(speed.value_or(0), 0),
                                                    cpu);
    }
    for (auto& [model, members] : models) {
      std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
      });
      std::int64_t top = -1;
      for (const auto& [speed, cpu] : members) {
        // Favoured cores of one design differ by a few percent; kinds by a tenth and more.
        if (top < 0 || static_cast<double>(speed) < 0.9 * static_cast<double>(top)) {
          kinds.push_back({"", {}, 0, speed});
          top = speed;
        }
        kinds.back().cpus.push_back(cpu);
      }
      for (CoreKind& kind : kinds) std::sort(kind.cpus.begin(), kind.cpus.end());
    }
    std::sort(kinds.begin(), kinds.end(), [](const CoreKind& a, const CoreKind& b) {
      return a.capacity != b.capacity ? a.capacity > b.capacity : a.cpus.front() < b.cpus.front();
    });
    for (CoreKind& kind : kinds) kind.capacity = capacities ? kind.capacity : 0;
    const std::size_t n = kinds.size();
    for (std::size_t i = 0; n > 1 && i < n; ++i) {
      kinds[i].name = i + 1 == n ? "efficiency" : i == 0 && n > 2 ? "prime" : "performance";
    }
  }
  return kinds;
}

Topology ReadSysfsTopology(const Reader& reader) {
  Topology topology;
  topology.cpus = OnlineCpus(reader);
  if (topology.cpus.empty()) {
    topology.reason = "neither /sys/devices/system/cpu/online nor /proc/cpuinfo is readable";
    return topology;
  }
  topology.source = "sysfs";
  std::set<std::int64_t> packages;
  for (const int cpu : topology.cpus) {
    const auto package = reader.Integer(CpuFile(cpu, "topology/physical_package_id"));
    packages.insert(package.value_or(-1));
  }
  topology.packages = static_cast<int>(packages.size());
  topology.cores = ReadCores(reader, topology.cpus);
  topology.caches = ReadCaches(reader, topology.cpus);
  topology.kinds = ReadSysfsKinds(reader, topology.cpus);
  topology.nodes = ReadNodes(reader);
  return topology;
}

}  // namespace inferometer
