// Rows that repetitions cannot change: what a plan needs and how many ops it has.
#ifndef INFEROMETER_HARNESS_RUNNER_FOOTPRINT_ROWS_H_
#define INFEROMETER_HARNESS_RUNNER_FOOTPRINT_ROWS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "models/model.h"
#include "results/record.h"

namespace inferometer {

// Rows of `footprint`, with the device and the model of `row`: weights, cache and everything in
// bytes, and the ops of one step, of the plan for one sequence of 2048 positions (fewer where the
// model's context is shorter) in steps of at most 512 tokens, whatever the run's cases are; and
// `dispatches` of one token, where the device counts them.
std::vector<Record> FootprintRows(const Record& row, const Model& model,
                                  std::optional<std::int64_t> dispatches);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_FOOTPRINT_ROWS_H_
