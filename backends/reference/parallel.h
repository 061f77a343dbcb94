// Slices of a loop on several threads; the result must not depend on how many.
#ifndef INFEROMETER_BACKENDS_REFERENCE_PARALLEL_H_
#define INFEROMETER_BACKENDS_REFERENCE_PARALLEL_H_

#include <cstdint>
#include <functional>

namespace inferometer::reference {

// Calls f(begin, end) for slices that cover [0, count) once, at the same time where `flops`, the
// work of the whole loop, is worth a thread. Rethrows the first exception of a slice.
void ForSlices(std::int64_t count, double flops,
               const std::function<void(std::int64_t begin, std::int64_t end)>& f);

// The number of threads that a large loop uses.
int SliceThreads();

}  // namespace inferometer::reference

#endif  // INFEROMETER_BACKENDS_REFERENCE_PARALLEL_H_
