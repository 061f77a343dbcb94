// How much memory this process may use.
#ifndef INFEROMETER_HARNESS_BASE_SYSTEM_MEMORY_H_
#define INFEROMETER_HARNESS_BASE_SYSTEM_MEMORY_H_

#include <cstdint>

namespace inferometer {

// Bytes of main memory, or of the cgroup's limit where that is lower.
std::uint64_t SystemMemoryBytes();
// Bytes that can be had without swapping, as the kernel estimates it, cgroup limit respected.
std::uint64_t AvailableMemoryBytes();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_SYSTEM_MEMORY_H_
