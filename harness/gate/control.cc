// The control kernels.
#include "harness/gate/control.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>

#include "harness/base/clock.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

constexpr std::size_t kSlices = 7;
constexpr int kSteps = 1 << 20;                               // some 4 ms at 4 cycles a step
constexpr std::size_t kBufferDoubles = std::size_t{4} << 20;  // 32 MiB: beyond most caches
constexpr unsigned kMostThreads = 16;

std::atomic<double> sink{0};  // so that nothing is computed for nobody

double Chain() {
  double x = 1;
  for (int i = 0; i < kSteps; ++i) x = x * 0.999999 + 1e-6;
  return x;
}

double Walk(const std::vector<double>& buffer, std::size_t part, std::size_t parts) {
  const std::size_t begin = buffer.size() * part / parts, end = buffer.size() * (part + 1) / parts;
  double sums[4] = {};
  for (std::size_t i = begin; i + 4 <= end; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) sums[k] += buffer[i + k];
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

// The time of one slice, from the first thread's start to the last one's end.
double Slice(unsigned threads, const std::function<double(unsigned)>& work) {
  const double start_s = NowSeconds();
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) {
    others.emplace_back([&work, i] { sink = work(i); });
  }
  sink = work(0);
  for (std::thread& other : others) other.join();
  return NowSeconds() - start_s;
}

double MedianSlice(unsigned threads, const std::function<double(unsigned)>& work) {
  std::vector<double> times;
  for (std::size_t i = 0; i < kSlices; ++i) times.push_back(Slice(threads, work));
  return Median(times);
}

}  // namespace

ControlKernels::ControlKernels()
    : buffer_(kBufferDoubles, 1.0),
      threads_(std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads)) {}

std::map<std::string, double> ControlKernels::Time() {
  return {
      {"arithmetic", MedianSlice(threads_, [](unsigned) { return Chain(); })},
      {"memory", MedianSlice(threads_, [this](unsigned i) { return Walk(buffer_, i, threads_); })}};
}

}  // namespace inferometer
