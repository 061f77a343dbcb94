// What a row is about, so that rows of different results can be held beside each other.
#ifndef INFEROMETER_RESULTS_SUBMIT_SUBJECT_H_
#define INFEROMETER_RESULTS_SUBMIT_SUBJECT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "results/record.h"

namespace inferometer {

// The name of the hardware that a row ran on: the processor, or the GPU that its device names.
std::string HardwareOf(const Result& result, const Record& record);

// "decode depth=0 kv=f16 tokens=128": the workload and the params that choose its point.
std::string PointOf(const Record& record);

// Hardware, backend, model, point and metric: rows with the same text measure the same thing.
std::string SubjectOf(const Result& result, const Record& record);

// Whether samples of the row are times that a clock gave, which never come out equal twice.
bool IsOfTimes(const Record& record);

// A text that stays the same when samples are scaled or put in another order; empty for rows whose
// samples may be equal by chance: fewer than 4, or no times.
std::string PrintOfSamples(const Record& record);

// The GPU of the device's `gpus` that a row names; its size when there is none.
std::size_t GpuOf(const nlohmann::json& device, const Record& record);

// Bytes of all last-level caches together; 0: unknown.
double LastLevelBytes(const nlohmann::json& device);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_SUBJECT_H_
