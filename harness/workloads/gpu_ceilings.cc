// Measures what lies between a GPU and its host, and between the lanes of a subgroup.
#include "harness/workloads/gpu_ceilings.h"

#include <algorithm>
#include <utility>

#include "models/cost.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::int64_t kLaunches = 1000;
constexpr std::int64_t kSums = 1 << 14;
// Host memory is pinned, and a bus is saturated by far less.
constexpr std::uint64_t kMostHostBytes = 64 * kMiB;

struct Measurer {
  Device& device;
  const CeilingOptions& options;
  double at_s;
  std::vector<std::string>& unsupported;
  std::vector<Ceiling> ceilings{};

  // False when the device has no such op.
  bool Has(const char* metric, const Op& op) {
    const std::string reason = device.WhyNot(op);
    if (!reason.empty()) unsupported.push_back(std::string(metric) + ": " + reason);
    return reason.empty();
  }

  void Measure(const char* metric, const Op& op, double units) {
    const std::unique_ptr<Plan> plan = device.Prepare({&op, 1});
    const std::vector<double> times_s = TimesOf(*plan, options.each_s, options.now);
    if (times_s.empty()) return;
    ceilings.push_back(CeilingOf(metric, device.Info(), units, times_s, at_s));
    const auto* memory = std::get_if<MemoryProbe>(&op);
    if (memory != nullptr) ceilings.back().params = {{"bytes", memory->bytes}};
  }

  void Stream(const char* metric, MemoryProbe op) {
    if (!Has(metric, op)) return;
    const bool reads = op.pattern == MemoryPattern::kRead;
    const bool up = op.pattern == MemoryPattern::kUpload;
    const auto bytes = static_cast<std::uint64_t>(op.bytes);
    const ProbeBuffer from(device, bytes,
                           reads || up ? TensorRole::kHostBuffer : TensorRole::kBuffer);
    op.a = from.id();
    if (reads) return Measure(metric, op, static_cast<double>(op.bytes));
    const ProbeBuffer to(device, bytes, up ? TensorRole::kBuffer : TensorRole::kHostBuffer, false);
    op.b = to.id();
    Measure(metric, op, static_cast<double>(op.bytes));
  }
};

}  // namespace

std::vector<Ceiling> MeasureGpuCeilings(Device& device, const CeilingOptions& options, double at_s,
                                        std::vector<std::string>& unsupported) {
  Measurer measurer{device, options, at_s, unsupported};
  const LaunchProbe launches{.count = kLaunches};
  if (measurer.Has("dispatch_latency", launches)) {
    measurer.Measure("dispatch_latency", launches, static_cast<double>(kLaunches));
  }
  const SubgroupProbe sums{.sums = kSums};
  if (measurer.Has("subgroup_latency", sums)) {
    measurer.Measure("subgroup_latency", sums, static_cast<double>(kSums));
  }
  const auto bytes = static_cast<std::int64_t>(std::min(ProbeBytes(options), kMostHostBytes));
  measurer.Stream("host_memory_bandwidth", {.bytes = bytes, .host_memory = true});
  measurer.Stream("upload_bandwidth", {.pattern = MemoryPattern::kUpload, .bytes = bytes});
  measurer.Stream("download_bandwidth", {.pattern = MemoryPattern::kDownload, .bytes = bytes});
  return std::move(measurer.ceilings);
}

}  // namespace inferometer
