// Slices of a loop on several threads.
#include "backends/reference/parallel.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/base/cpu_places.h"

namespace inferometer::reference {
namespace {

// Starting a thread costs some 20 microseconds, in which one computes about this much.
constexpr double kFlopsWorthAThread = 1e6;

}  // namespace

int SliceThreads() {
  static const int threads = DefaultThreads();
  return threads;
}

void ForSlices(std::int64_t count, double flops,
               const std::function<void(std::int64_t begin, std::int64_t end)>& f) {
  const std::int64_t worth = static_cast<std::int64_t>(flops / kFlopsWorthAThread);
  const std::int64_t slices = std::clamp<std::int64_t>(
      std::min<std::int64_t>({SliceThreads(), worth, count}), 1, count < 1 ? 1 : count);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(slices));
  auto run = [&](std::int64_t slice) {
    try {
      f(count * slice / slices, count * (slice + 1) / slices);
    } catch (...) {
      failures[static_cast<std::size_t>(slice)] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(slices));
  for (std::int64_t slice = 1; slice < slices; ++slice) {
    try {
      threads.emplace_back(run, slice);
    } catch (const std::system_error&) {  // no more threads to be had
      run(slice);
    }
  }
  run(0);
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace inferometer::reference
