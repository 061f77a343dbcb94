// Finds the sizes of work that a device likes best, once, and keeps them on disk.
#ifndef INFEROMETER_BACKENDS_OPENCL_TUNING_H_
#define INFEROMETER_BACKENDS_OPENCL_TUNING_H_

#include <filesystem>
#include <memory>

#include "backends/opencl/engine.h"

namespace inferometer::opencl {

// Sets `engine.sizes`: to what `folder` holds for this device and driver, else to what a matrix of
// q4_k times one and times 64 tokens runs fastest with, which takes about a second. An empty path
// keeps nothing; a file that is damaged is replaced. Sizes stay what they are where the device
// fails, as whoever uses it will notice too.
void Tune(const std::shared_ptr<Engine>& engine, const std::filesystem::path& folder);

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_TUNING_H_
