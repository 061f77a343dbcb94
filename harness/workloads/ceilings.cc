// Measures read bandwidth, peaks and latencies through the same Plan::Run as every workload.
#include "harness/workloads/ceilings.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/median.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::int64_t kLaunches = 1000;
constexpr int kFewestSamples = 5;
constexpr int kMostSamples = 1000;
// One run of a peak should last this long: far above the timer's step and the cost of a launch.
constexpr double kComputeRun_s = 0.02;

bool IsLatency(const std::string& metric) { return metric.ends_with("_latency"); }

// The device's own clock where it has one: what the host waits for is no part of a roof.
double SecondsOf(const Timing& timing) { return timing.device_s.value_or(timing.host_s); }

}  // namespace

std::uint64_t ProbeBytes(const CeilingOptions& options) {
  std::uint64_t bytes = std::max(256 * kMiB, 4 * options.last_level_bytes);
  if (options.memory_bytes > 0) bytes = std::min(bytes, options.memory_bytes / 8);
  return std::max(bytes / kMiB, std::uint64_t{1}) * kMiB;
}

Ceilings::Ceilings(Device& device, const CeilingOptions& options, bool full)
    : device_(device), options_(options) {
  const std::uint64_t bytes = ProbeBytes(options);
  const auto size = static_cast<std::int64_t>(bytes);
  const auto total = static_cast<double>(bytes);
  MemoryProbe read{.pattern = MemoryPattern::kRead, .bytes = size};
  if (device_.WhyNot(read).empty()) read.a = Buffer(0, bytes);
  Add("read_bandwidth", read, total, true, bytes);
  if (full) {
    MemoryProbe copy{.pattern = MemoryPattern::kCopy, .bytes = size};
    if (device_.WhyNot(copy).empty()) copy.a = Buffer(0, bytes), copy.b = Buffer(1, bytes);
    Add("copy_bandwidth", copy, 2 * total, false, 2 * bytes);
    MemoryProbe triad{.pattern = MemoryPattern::kTriad, .bytes = size};
    if (device_.WhyNot(triad).empty()) {
      triad.a = Buffer(0, bytes), triad.b = Buffer(1, bytes), triad.c = Buffer(2, bytes);
    }
    Add("triad_bandwidth", triad, 3 * total, false, 3 * bytes);
  }
  AddCompute("fp32_peak", NumberType::kFp32, true);
  AddCompute("int8_peak", NumberType::kInt8, true);
  if (full) {
    AddCompute("fp16_peak", NumberType::kFp16, false);
    AddCompute("bf16_peak", NumberType::kBf16, false);
  }
  Add(device.Info().backend == "cpu" ? "barrier_latency" : "launch_latency",
      LaunchProbe{.count = kLaunches}, static_cast<double>(kLaunches), true);
}

Ceilings::~Ceilings() {
  probes_.clear();
  for (const TensorId buffer : buffers_) device_.Free(buffer);
}

TensorId Ceilings::Buffer(std::size_t index, std::uint64_t bytes) {
  while (buffers_.size() <= index) {
    buffers_.push_back(device_.Upload({.name = "probe",
                                       .role = TensorRole::kBuffer,
                                       .dims = {static_cast<std::int64_t>(bytes), 1, 1, 1}},
                                      {}));
  }
  return buffers_[index];
}

void Ceilings::Add(const std::string& metric, const Op& op, double units, bool quick,
                   std::uint64_t bytes) {
  if (const std::string reason = device_.WhyNot(op); !reason.empty()) {
    unsupported_.push_back(metric + ": " + reason);
    return;
  }
  probes_.push_back({metric, device_.Prepare({&op, 1}), units, bytes, quick});
}

void Ceilings::AddCompute(const std::string& metric, NumberType type, bool quick) {
  ComputeProbe probe{.type = type, .operations = std::int64_t{1} << 24};
  if (!device_.WhyNot(probe).empty()) return Add(metric, probe, 0, quick);
  // Grown until a run lasts long enough, from one that is over in about a millisecond.
  constexpr std::int64_t kMostOperations = std::int64_t{1} << 42;
  for (;;) {
    const Op op = probe;
    const std::unique_ptr<Plan> plan = device_.Prepare({&op, 1});
    plan->Run({});
    const double elapsed_s = SecondsOf(plan->Run({}));
    if (elapsed_s >= kComputeRun_s / 2 || probe.operations >= kMostOperations) break;
    const double growth = std::clamp(kComputeRun_s / std::max(elapsed_s, 1e-9), 2.0, 64.0);
    probe.operations = std::min(
        kMostOperations, static_cast<std::int64_t>(static_cast<double>(probe.operations) * growth));
  }
  Add(metric, probe, static_cast<double>(probe.operations), quick);
}

std::vector<Ceiling> Ceilings::Measure(double at_s, bool quick) {
  std::vector<Ceiling> ceilings;
  for (const Probe& probe : probes_) {
    if (quick && !probe.quick) continue;
    const DeviceInfo& info = device_.Info();
    Ceiling ceiling;
    ceiling.metric = probe.metric;
    ceiling.backend = info.backend;
    ceiling.device = info.id;
    ceiling.threads = info.threads;
    ceiling.at_s = at_s;
    if (probe.bytes > 0) ceiling.params["bytes"] = probe.bytes;
    probe.plan->Run({});  // wakes clocks and threads
    const double end = options_.now() + options_.each_s;
    int runs = 0;
    do {
      const double elapsed_s = SecondsOf(probe.plan->Run({}));
      ++runs;
      if (elapsed_s <= 0) continue;
      ceiling.samples.push_back(IsLatency(probe.metric) ? elapsed_s / probe.units
                                                        : probe.units / elapsed_s);
    } while ((options_.now() < end || runs < kFewestSamples) && runs < kMostSamples);
    if (ceiling.samples.empty()) continue;
    ceiling.value = IsLatency(probe.metric)
                        ? Median(ceiling.samples)
                        : *std::max_element(ceiling.samples.begin(), ceiling.samples.end());
    ceilings.push_back(std::move(ceiling));
  }
  return ceilings;
}

}  // namespace inferometer
