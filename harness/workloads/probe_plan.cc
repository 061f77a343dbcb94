// Buffers, times and ceilings of synthetic plans.
#include "harness/workloads/probe_plan.h"

#include <algorithm>
#include <span>
#include <utility>

#include "harness/base/random.h"
#include "harness/stats/median.h"
#include "results/metrics.h"

namespace inferometer {
namespace {

constexpr std::int64_t kPage = 4096;
constexpr int kFewestRuns = 5;
constexpr int kMostRuns = 1000;

}  // namespace

double SecondsOf(const Timing& timing, ClockOf clock) {
  return clock == ClockOf::kHost ? timing.host_s : timing.device_s.value_or(timing.host_s);
}

ProbeBuffer::ProbeBuffer(Device& device, std::uint64_t bytes, TensorRole role, bool fill)
    : device_(&device),
      id_(device.Upload(
          {.name = "probe", .role = role, .dims = {static_cast<std::int64_t>(bytes), 1, 1, 1}},
          {})) {
  if (!fill) return;
  const Op op = MemoryProbe{.pattern = MemoryPattern::kFill,
                            .a = id_,
                            .bytes = static_cast<std::int64_t>(bytes),
                            .small_pages = role == TensorRole::kSmallPageBuffer,
                            .host_memory = role == TensorRole::kHostBuffer};
  if (device.WhyNot(op).empty()) {
    device.Prepare({&op, 1})->Run({});
    return;
  }
  Random random(1);
  std::vector<float> values(static_cast<std::size_t>(bytes) / sizeof(float));
  for (float& value : values) value = 1.5f + random.Uniform() / 2;
  device.Write(id_, std::as_bytes(std::span(values)));
}

ProbeBuffer::~ProbeBuffer() {
  if (id_ != kNoTensor) device_->Free(id_);
}

ProbeBuffer::ProbeBuffer(ProbeBuffer&& other) noexcept
    : device_(other.device_), id_(std::exchange(other.id_, kNoTensor)) {}

ProbeBuffer& ProbeBuffer::operator=(ProbeBuffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(id_, other.id_);
  return *this;
}

std::int64_t StreamedBytes(std::uint64_t about, int threads) {
  const std::int64_t parts = std::max(threads, 1);
  std::int64_t pages = std::max<std::int64_t>(static_cast<std::int64_t>(about) / parts / kPage, 1);
  if (pages % 2 == 0) --pages;
  return pages * parts * kPage;
}

std::vector<double> TimesOf(Plan& plan, double seconds, const std::function<double()>& now,
                            ClockOf clock) {
  plan.Run({});  // wakes clocks and threads
  std::vector<double> times_s;
  const double end = now() + seconds;
  int runs = 0;
  do {
    const double elapsed_s = SecondsOf(plan.Run({}), clock);
    if (elapsed_s > 0) times_s.push_back(elapsed_s);
    ++runs;
  } while ((now() < end || runs < kFewestRuns) && runs < kMostRuns);
  return times_s;
}

Ceiling CeilingOf(const std::string& metric, const DeviceInfo& info, double units,
                  const std::vector<double>& times_s, double at_s) {
  Ceiling ceiling;
  ceiling.metric = metric;
  ceiling.backend = info.backend;
  ceiling.device = info.id;
  ceiling.software = info.software;
  ceiling.threads = info.threads;
  ceiling.at_s = at_s;
  const Metric* row = FindMetric(metric);
  const bool is_time = row != nullptr && row->better == Better::kLower;
  for (const double time_s : times_s) {
    ceiling.samples.push_back(is_time ? time_s / units : units / time_s);
  }
  if (!ceiling.samples.empty()) {
    ceiling.value = is_time ? Median(ceiling.samples)
                            : *std::max_element(ceiling.samples.begin(), ceiling.samples.end());
  }
  return ceiling;
}

}  // namespace inferometer
