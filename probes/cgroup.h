// What a control group grants this process of the processors and the memory.
#ifndef INFEROMETER_PROBES_CGROUP_H_
#define INFEROMETER_PROBES_CGROUP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/reader.h"

namespace inferometer {

struct CgroupLimit {
  std::optional<double> value;  // absent: no limit
  std::string source;           // "cgroup v2 cpu.max", or the folders that were asked
};

// CPUs' worth of time per period: the least quota between this process's group and the root.
CgroupLimit CgroupCpuQuota(const Reader& reader);
// Bytes.
CgroupLimit CgroupMemoryLimit(const Reader& reader);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_CGROUP_H_
