// Turns what was seen of an arm into records.
#ifndef INFEROMETER_HARNESS_RUNNER_ROWS_H_
#define INFEROMETER_HARNESS_RUNNER_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "backends/device.h"
#include "harness/runner/measure.h"
#include "harness/runner/selection.h"
#include "results/record.h"

namespace inferometer {

// What follows from the samples alone: median, interval, shape, outliers, and whether the interval
// is as narrow as `ci_target`. There must be samples.
void PutStatistics(Record& row, double ci_target);

// The parts of a record that are known before anything is measured; the metric is left empty.
Record RowFor(const DeviceInfo& device, const std::string& requested, const Model& model,
              const SelectedCase& c);

// One row without numbers for each metric of the case.
std::vector<Record> RowsWithout(const Record& row, const SelectedCase& c, Status status,
                                const std::string& reason);

struct RoofContext {
  std::span<const Ceiling> ceilings;
  std::uint64_t last_level_bytes = 0;  // of the cache; 0: unknown
};

// One row for each metric of the case: statistics over the samples, and the roofline of each
// sample's own minutes, of which the row takes the median. Above 1.05 of the best roof of the run a
// row is `failed: implausible`, unless its working set fits the last-level cache, which its params
// then say.
std::vector<Record> RowsOf(const Record& row, const SelectedCase& c, const ArmLog& log,
                           const Arm& arm, const RoofContext& roofs);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_ROWS_H_
