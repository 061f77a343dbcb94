// Turns the joules of a case's windows into a record (energy_v1).
#ifndef INFEROMETER_HARNESS_RUNNER_ENERGY_ROWS_H_
#define INFEROMETER_HARNESS_RUNNER_ENERGY_ROWS_H_

#include <functional>
#include <optional>

#include "harness/runner/energy.h"
#include "harness/runner/measure.h"
#include "results/record.h"

namespace inferometer {

// Whether any repetition names a window that energy is counted over.
bool HasWindow(const ArmLog& log);

// The row of joules per token over the windows of the samples; `row` has all that is known before.
// Its params gain `energy`: {source, scope, idle_w} and, where some windows were refused, their
// number and the first reason. Unsupported with that reason when all of them were.
Record EnergyRow(Record row, const ArmLog& log, const EnergyOfDevice& of,
                 const std::function<Joules(double begin_s, double end_s)>& between);

// The one row of a model on a device that nothing counts joules for.
Record NoEnergyRow(Record row, const EnergyOfDevice& of);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_ENERGY_ROWS_H_
