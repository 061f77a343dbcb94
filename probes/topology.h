// How the processor is built: packages, cores by kind, hardware threads, caches, memory nodes.
#ifndef INFEROMETER_PROBES_TOPOLOGY_H_
#define INFEROMETER_PROBES_TOPOLOGY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "probes/reader.h"

namespace inferometer {

struct CacheLevel {
  int level = 0;
  std::string type;  // "data", "instruction", "unified"
  std::int64_t size_bytes = 0;
  std::int64_t line_bytes = 0;  // 0: not told
  int threads = 0;              // hardware threads that share one
  int count = 0;                // how many of this kind there are
};

// Cores that are alike. Kinds are sorted fastest first.
struct CoreKind {
  std::string name;       // "performance", "efficiency", "prime"; empty when all cores are alike
  std::vector<int> cpus;  // hardware threads, by the operating system's number
  int cores = 0;
  std::int64_t capacity =
      0;  // relative speed as the kernel sees it, the fastest is 1024; 0: not told
};

struct MemoryNode {
  int id = 0;
  std::int64_t size_bytes = 0;  // 0: not told
  std::vector<int> cpus;
};

struct Topology {
  std::string source;  // "hwloc", "sysfs"; empty when nothing is known
  std::string reason;  // why the better source was not used, or why nothing is known
  int packages = 0;
  std::vector<std::vector<int>> cores;  // the hardware threads of each
  std::vector<int> cpus;
  std::vector<CacheLevel> caches;
  std::vector<CoreKind> kinds;
  std::vector<MemoryNode> nodes;
};

// By hwloc where it is built in and the root is the live machine or has an XML, else by sysfs.
Topology ReadTopology(const Reader& reader);

// From files below /sys/devices/system alone.
Topology ReadSysfsTopology(const Reader& reader);
// From hwloc; `source` is empty, with the reason, when that fails or hwloc is not built in.
Topology ReadHwlocTopology(const Reader& reader);
// The kinds of cores that sysfs tells apart, `cores` not yet counted; one kind when they are alike.
std::vector<CoreKind> ReadSysfsKinds(const Reader& reader, const std::vector<int>& cpus);

// The live machine as hwloc XML, without anything that identifies it; empty without hwloc.
std::string ExportTopologyXml();

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_TOPOLOGY_H_
