// Zeroed memory in huge pages where the system gives them.
#include "harness/base/huge_buffer.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;  // x86-64 and 4 KiB-granule AArch64
constexpr std::size_t kCacheLine = 64;

#if defined(__linux__)
// Kilobytes of the mapping around `address` that stand in huge pages, of /proc/self/smaps.
std::uint64_t HugeKilobytesAt(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    std::uint64_t first = 0, last = 0, kilobytes = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " ", &first, &last) == 2) {
      inside = at >= first && at < last;
    } else if (inside && std::sscanf(line.c_str(), "AnonHugePages: %" SCNu64, &kilobytes) == 1) {
      return kilobytes;
    }
  }
  return 0;
}
#endif

Error OutOfMemory(std::size_t size) {
  return Error(ExitCode::kRunFailed, fmt::format("the system has no {} of memory left",
                                                 HumanBytes(static_cast<double>(size))));
}

}  // namespace

std::size_t SmallPageBytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

std::size_t HugePageBytes() {
  static const std::size_t bytes = [] {
#if defined(__linux__)
    const HugeBuffer sample(4 * kHugePage);
    std::ifstream file("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
    std::size_t told = 0;
    if (HugeKilobytesAt(sample.data()) > 0) return file >> told && told > 0 ? told : kHugePage;
#endif
    return SmallPageBytes();
  }();
  return bytes;
}

HugeBuffer::HugeBuffer(std::size_t size, PageWish wish) : size_(size) {
  if (size < kHugePage) {
    const std::size_t padded = (size + kCacheLine) / kCacheLine * kCacheLine;
    data_ = static_cast<std::byte*>(std::aligned_alloc(kCacheLine, padded));
    if (data_ == nullptr) throw OutOfMemory(size);
    std::memset(data_, 0, padded);
    return;
  }
  // A mapping of its own is zero, and no page of it was ever of another size.
  const std::size_t padded = (size + kHugePage - 1) / kHugePage * kHugePage;
  void* const raw = ::mmap(nullptr, padded + kHugePage, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) throw OutOfMemory(size);
  auto* const begin = static_cast<std::byte*>(raw);
  const std::size_t before = kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage;
  ::munmap(begin, before);
  ::munmap(begin + before + padded, kHugePage - before);
  data_ = begin + before;
  mapped_ = padded;
#ifdef MADV_HUGEPAGE
  ::madvise(data_, padded, wish.huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);  // a wish, not a need
#endif
  if (wish.touch) std::memset(data_, 0, padded);
}

HugeBuffer::~HugeBuffer() {
  if (mapped_ > 0) {
    ::munmap(data_, mapped_);
  } else {
    std::free(data_);
  }
}

}  // namespace inferometer
