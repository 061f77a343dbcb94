// The kernel's page cache: dropped, and asked about.
#include "harness/base/page_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"

namespace inferometer {
namespace {

std::size_t PageBytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

void DropPageCache(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("cannot open '{}': {}", path, std::strerror(errno)));
  }
  ::fsync(descriptor);  // dirty pages are not dropped
  const int failure = ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
  if (failure != 0) {
    throw Error(ExitCode::kInvalidInput, fmt::format("cannot drop '{}' from the page cache: {}",
                                                     path, std::strerror(failure)));
  }
}

double ResidentShare(const std::string& path) {
  const MappedFile file(path);
  const std::span<const std::byte> bytes = file.bytes();
  if (bytes.empty()) return 0;
  std::vector<unsigned char> resident((bytes.size() + PageBytes() - 1) / PageBytes());
  if (::mincore(const_cast<std::byte*>(bytes.data()), bytes.size(), resident.data()) != 0) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("cannot tell which pages of '{}' are in memory: {}", path,
                            std::strerror(errno)));
  }
  std::size_t count = 0;
  for (const unsigned char page : resident) count += page & 1u;
  return static_cast<double>(count) / static_cast<double>(resident.size());
}

void ReleaseMapped(std::span<const std::byte> bytes) {
  const auto page = static_cast<std::uintptr_t>(PageBytes());
  const auto begin = (reinterpret_cast<std::uintptr_t>(bytes.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(bytes.data() + bytes.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace inferometer
