// The workloads of the suite, one line each.
#include <algorithm>
#include <iterator>

#include "harness/workloads/workload.h"

namespace inferometer {

// Each is defined in the file of its name.
extern const Workload kLoad, kPrefill, kDecode, kKvReuse, kVoice, kKvSweep, kKvQuant, kKvMove,
    kBatch, kSustained;

std::span<const Workload> Workloads() {
  static const Workload kWorkloads[] = {kLoad,    kPrefill, kDecode, kKvReuse, kVoice,
                                        kKvSweep, kKvQuant, kKvMove, kBatch,   kSustained};
  return kWorkloads;
}

const Workload* FindWorkload(std::string_view name) {
  const auto all = Workloads();
  const auto found = std::find_if(
      all.begin(), all.end(), [name](const Workload& workload) { return workload.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const Measurement* FindMeasurement(const Repetition& repetition, const RowKey& key) {
  const auto found =
      std::find_if(repetition.measurements.begin(), repetition.measurements.end(),
                   [&key](const Measurement& measurement) {
                     return measurement.metric == key.metric && measurement.params == key.params;
                   });
  return found == repetition.measurements.end() ? nullptr : &*found;
}

}  // namespace inferometer
