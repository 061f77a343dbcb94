// Measures one model on all chosen devices.
#ifndef INFEROMETER_HARNESS_RUNNER_RUN_MODEL_H_
#define INFEROMETER_HARNESS_RUNNER_RUN_MODEL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/runner/devices.h"
#include "harness/runner/energy.h"
#include "harness/runner/run.h"
#include "harness/runner/selection.h"
#include "harness/workloads/ceilings.h"
#include "results/record.h"

namespace inferometer {

// What all models of a run share. Times are seconds since the start of the run.
struct RunState {
  std::vector<ChosenDevice>* devices = nullptr;
  std::vector<std::unique_ptr<Ceilings>> ceilings;  // by device; null: the device has none
  std::uint64_t seed = 1;
  std::size_t fewest_repetitions = 5, most_repetitions = 100;
  std::uint64_t last_level_bytes = 0;
  std::function<double()> now;
  std::function<bool()> stop;
  OnProgress progress;
  Result* result = nullptr;
  bool profile = false;
  Energy* energy = nullptr;  // null: joules are not counted
  // Before each repetition on a device, outside of what is timed; may wait, well within `room_s`.
  std::function<void(std::size_t device, double room_s)> settle;
  std::vector<std::string> order;  // the cases as they were repeated
  double ceilings_at_s = 0;        // when they were measured last
  double ceilings_take_s = 0;      // how long that took
  double shortest_s = 0;           // the shortest repetition; 0: none yet
  bool stopped = false;            // by `stop`
  bool cut_short = false;          // the budget ended before every case had a sample
};

// Measures the ceilings of every device and adds them to the result; all of them with `full`, else
// those that rooflines need.
void MeasureCeilings(RunState& state, bool full);

// Checks conformance, then repeats all cases on all devices until `deadline_s`, with the ceilings
// measured before, between and after. Adds a row for every metric of every case and device: what
// fails or is unsupported has a reason. Throws Error only for what concerns the model as a whole.
void RunModel(RunState& state, const Model& model, const std::vector<SelectedCase>& cases,
              double deadline_s);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_RUN_MODEL_H_
