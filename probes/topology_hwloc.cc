// Topology by hwloc (https://www.open-mpi.org/projects/hwloc/doc/), live or from an XML.
#include <algorithm>
#include <map>
#include <tuple>

#include "probes/topology.h"

#if INFEROMETER_HAVE_HWLOC
#include <hwloc.h>
#endif

namespace inferometer {

#if INFEROMETER_HAVE_HWLOC
namespace {

class Loaded {
 public:
  // `xml` empty: the live machine.
  explicit Loaded(const std::string& xml) {
    if (hwloc_topology_init(&topology_) != 0) {
      topology_ = nullptr;
      return;
    }
    // GPU components start drivers; devices are read elsewhere.
    for (const char* component : {"opencl", "cuda", "nvml", "rsmi", "levelzero", "gl", "pci"}) {
      hwloc_topology_set_components(topology_, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, component);
    }
    hwloc_topology_set_flags(topology_, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    hwloc_topology_set_icache_types_filter(topology_, HWLOC_TYPE_FILTER_KEEP_ALL);
    if (!xml.empty() && hwloc_topology_set_xml(topology_, xml.c_str()) != 0) return;
    ok_ = hwloc_topology_load(topology_) == 0;
  }
  ~Loaded() {
    if (topology_ != nullptr) hwloc_topology_destroy(topology_);
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  bool ok() const { return ok_; }
  hwloc_topology_t get() const { return topology_; }

 private:
  hwloc_topology_t topology_ = nullptr;
  bool ok_ = false;
};

std::vector<int> CpusOf(hwloc_const_bitmap_t set) {
  std::vector<int> cpus;
  if (set == nullptr || hwloc_bitmap_weight(set) < 0) return cpus;  // infinite
  for (int cpu = hwloc_bitmap_first(set); cpu >= 0 && cpu < 8192;
       cpu = hwloc_bitmap_next(set, cpu)) {
    cpus.push_back(cpu);
  }
  return cpus;
}

void ReadCaches(hwloc_topology_t topology, std::vector<CacheLevel>* caches) {
  using Kind = std::tuple<int, std::string, std::int64_t, std::int64_t, int>;
  std::map<Kind, int> kinds;
  for (hwloc_obj_type_t type : {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L1ICACHE, HWLOC_OBJ_L2CACHE,
                                HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE}) {
    for (hwloc_obj_t cache = nullptr;
         (cache = hwloc_get_next_obj_by_type(topology, type, cache)) != nullptr;) {
      const auto& facts = cache->attr->cache;
      if (facts.size == 0) continue;
      const char* name = facts.type == HWLOC_OBJ_CACHE_DATA          ? "data"
                         : facts.type == HWLOC_OBJ_CACHE_INSTRUCTION ? "instruction"
                                                                     : "unified";
      ++kinds[{static_cast<int>(facts.depth), name, static_cast<std::int64_t>(facts.size),
               static_cast<std::int64_t>(facts.linesize),
               cache->cpuset != nullptr ? hwloc_bitmap_weight(cache->cpuset) : 0}];
    }
  }
  for (const auto& [kind, count] : kinds) {
    const auto& [level, type, size, line, threads] = kind;
    caches->push_back({level, type, size, line, threads, count});
  }
}

std::vector<CoreKind> ReadKinds(hwloc_topology_t topology) {
  std::vector<CoreKind> kinds;
  const int count = hwloc_cpukinds_get_nr(topology, 0);
  if (count < 2) return kinds;
  for (int i = count - 1; i >= 0; --i) {  // hwloc sorts the slowest first
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    int efficiency = -1;
    unsigned info_count = 0;
    struct hwloc_info_s* infos = nullptr;
    if (hwloc_cpukinds_get_info(topology, static_cast<unsigned>(i), set, &efficiency, &info_count,
                                &infos, 0) == 0) {
      CoreKind kind{count == 2 ? (kinds.empty() ? "performance" : "efficiency")
                               : "kind " + std::to_string(count - 1 - i),
                    CpusOf(set), 0, 0};
      for (unsigned k = 0; k < info_count; ++k) {
        const std::string_view name = infos[k].name, value = infos[k].value;
        if (name == "CoreType" && value == "IntelCore") kind.name = "performance";
        if (name == "CoreType" && value == "IntelAtom") kind.name = "efficiency";
        if (name == "LinuxCapacity") kind.capacity = ParseInteger(value).value_or(0);
      }
      kinds.push_back(std::move(kind));
    }
    hwloc_bitmap_free(set);
  }
  return kinds;
}

}  // namespace

Topology ReadHwlocTopology(const Reader& reader) {
  Topology result;
  const std::string& xml = reader.root().hwloc_xml;
  if (xml.empty() && !reader.live()) {
    result.reason = "the folder has no hwloc.xml";
    return result;
  }
  const Loaded loaded(xml);
  if (!loaded.ok()) {
    result.reason = "hwloc could not load the topology";
    return result;
  }
  hwloc_topology_t topology = loaded.get();
  const hwloc_obj_t machine = hwloc_get_root_obj(topology);
  result.source = "hwloc";
  result.cpus = CpusOf(machine->cpuset);
  result.packages = std::max(0, hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE));
  for (hwloc_obj_t core = nullptr;
       (core = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_CORE, core)) != nullptr;) {
    result.cores.push_back(CpusOf(core->cpuset));
  }
  ReadCaches(topology, &result.caches);
  result.kinds = ReadKinds(topology);
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
    result.nodes.push_back({static_cast<int>(node->os_index),
                            static_cast<std::int64_t>(node->attr->numanode.local_memory),
                            CpusOf(node->cpuset)});
  }
  return result;
}

std::string ExportTopologyXml() {
  const Loaded loaded("");
  char* buffer = nullptr;
  int size = 0;
  if (!loaded.ok() || hwloc_topology_export_xmlbuffer(loaded.get(), &buffer, &size, 0) != 0)
    return "";
  // Infos hold the host's name and, for root, serial numbers: only those of the processor stay.
  std::string kept;
  for (const std::string& line : SplitLines(std::string_view(buffer))) {
    const auto info = line.find("<info name=\"");
    if (info != std::string::npos) {
      const auto name = line.substr(info + 12);
      const bool processor = name.starts_with("CPU") || name.starts_with("CoreType") ||
                             name.starts_with("Frequency") || name.starts_with("LinuxCapacity") ||
                             name.starts_with("Inclusive");
      if (!processor) continue;
    }
    kept += line + "\n";
  }
  hwloc_free_xmlbuffer(loaded.get(), buffer);
  return kept;
}

#else

Topology ReadHwlocTopology(const Reader&) {
  Topology result;
  result.reason = "built without hwloc";
  return result;
}

std::string ExportTopologyXml() { return ""; }

#endif

Topology ReadTopology(const Reader& reader) {
  Topology topology = ReadHwlocTopology(reader);
  if (topology.source.empty() || topology.cpus.empty()) {
    const std::string reason = topology.reason;
    topology = ReadSysfsTopology(reader);
    if (!topology.source.empty()) topology.reason = reason;
  } else if (auto kinds = ReadSysfsKinds(reader, topology.cpus); topology.kinds.size() < 2) {
    topology.kinds = std::move(kinds);
  }
  for (CoreKind& kind : topology.kinds) {
    kind.cores = static_cast<int>(
        std::count_if(topology.cores.begin(), topology.cores.end(), [&](const auto& core) {
          return !core.empty() &&
                 std::find(kind.cpus.begin(), kind.cpus.end(), core.front()) != kind.cpus.end();
        }));
  }
  return topology;
}

}  // namespace inferometer
