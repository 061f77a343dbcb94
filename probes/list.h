// The read functions behind the list of probes, one per file.
#ifndef INFEROMETER_PROBES_LIST_H_
#define INFEROMETER_PROBES_LIST_H_

#include <vector>

#include "probes/probe.h"

namespace inferometer {

std::vector<Fact> ReadDeviceClass(const SystemRoot& root);
std::vector<Fact> ReadCpu(const SystemRoot& root);
std::vector<Fact> ReadMemory(const SystemRoot& root);
std::vector<Fact> ReadGpus(const SystemRoot& root);
std::vector<Fact> ReadGpuApis(const SystemRoot& root);
std::vector<Fact> ReadPower(const SystemRoot& root);
std::vector<Fact> ReadThermal(const SystemRoot& root);
std::vector<Fact> ReadOs(const SystemRoot& root);
std::vector<Fact> ReadEnvironment(const SystemRoot& root);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_LIST_H_
