// Zeroed memory in huge pages where the system gives them.
#include "harness/base/huge_buffer.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;  // x86-64 and 4 KiB-granule AArch64
constexpr std::size_t kCacheLine = 64;

}  // namespace

HugeBuffer::HugeBuffer(std::size_t size) : size_(size) {
  const std::size_t alignment = size >= kHugePage ? kHugePage : kCacheLine;
  const std::size_t padded = (size + alignment) / alignment * alignment;
  data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, padded));
  if (data_ == nullptr) {
    throw Error(ExitCode::kRunFailed, fmt::format("the system has no {} of memory left",
                                                  HumanBytes(static_cast<double>(size))));
  }
#ifdef MADV_HUGEPAGE
  if (size >= kHugePage) ::madvise(data_, padded, MADV_HUGEPAGE);  // a wish, not a need
#endif
  std::memset(data_, 0, padded);
}

HugeBuffer::~HugeBuffer() { std::free(data_); }

}  // namespace inferometer
