// The kernel's page cache, for who must know whether a file is read from storage or from memory.
#ifndef INFEROMETER_HARNESS_BASE_PAGE_CACHE_H_
#define INFEROMETER_HARNESS_BASE_PAGE_CACHE_H_

#include <cstddef>
#include <span>
#include <string>

namespace inferometer {

// Writes the file's dirty pages out and asks the kernel to forget its clean ones
// (POSIX_FADV_DONTNEED). Pages that some process maps stay. Throws Error(kInvalidInput).
void DropPageCache(const std::string& path);

// The share of the file's pages that are in memory, 0 to 1. Throws Error(kInvalidInput).
double ResidentShare(const std::string& path);

// Takes whole pages inside a range of a file mapped read-only out of this process, so that they can
// be dropped; a later access brings them back.
void ReleaseMapped(std::span<const std::byte> bytes);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_PAGE_CACHE_H_
