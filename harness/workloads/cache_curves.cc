// Sweeps the size of a working set.
#include "harness/workloads/cache_curves.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "harness/base/random.h"
#include "harness/workloads/cache_levels.h"

namespace inferometer {
namespace {

constexpr std::int64_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr std::int64_t kPage = 4 * kKiB;
// A run reads at least so much in each thread: some tens of microseconds from a first-level cache.
constexpr std::int64_t kLeastRead = 8 * kMiB;
// A run follows at least so many links: a quarter of a millisecond in a first-level cache; and at
// most so many: a fifth of a second in slow memory.
constexpr std::int64_t kLeastHops = std::int64_t{1} << 18, kMostHops = std::int64_t{1} << 20;
constexpr double kPoint_s = 0.02;

// As many streams as the device has: what a large working set needs and a small one stands.
std::int64_t MostStreams(const Device& device) {
  for (const std::int64_t streams : {8, 4, 2}) {
    if (device.WhyNot(MemoryProbe{.bytes = kPage, .streams = streams}).empty()) return streams;
  }
  return 1;
}

}  // namespace

std::vector<std::int64_t> CurveSizes(const CeilingOptions& options) {
  std::int64_t most = std::max(64 * kMiB, 4 * static_cast<std::int64_t>(options.last_level_bytes));
  most = std::min(most, 1024 * kMiB);
  if (options.memory_bytes > 0) {
    most = std::min(most, static_cast<std::int64_t>(options.memory_bytes / 8));
  }
  std::vector<std::int64_t> sizes;
  for (std::int64_t octave = kPage; octave <= most; octave *= 2) {
    for (std::int64_t quarter = 4; quarter < 8; ++quarter) {
      const std::int64_t size = octave * quarter / 4;
      if (size % kPage == 0 && size <= most) sizes.push_back(size);
    }
  }
  return sizes;
}

std::vector<std::byte> RandomCycle(std::int64_t bytes, std::uint64_t seed) {
  const auto lines = static_cast<std::size_t>(bytes / kChaseLine);
  std::vector<std::uint32_t> order(lines);
  for (std::size_t i = 0; i < lines; ++i) order[i] = static_cast<std::uint32_t>(i);
  Random random(seed);
  for (std::size_t i = lines; i > 1; --i) std::swap(order[i - 1], order[random.Below(i - 1)]);
  std::vector<std::byte> links(static_cast<std::size_t>(bytes));
  for (std::size_t i = 0; i < lines; ++i) {
    const std::uint64_t next = std::uint64_t{order[i]} * kChaseLine;
    std::memcpy(links.data() + i * kChaseLine, &next, sizeof next);
  }
  return links;
}

std::vector<Ceiling> BandwidthCurve(Device& device, const CeilingOptions& options, double at_s,
                                    const GoOn& go_on) {
  std::vector<Ceiling> curve;
  const std::int64_t threads = std::max(device.Info().threads, 1);
  const MemoryProbe read{.bytes = kPage, .streams = MostStreams(device)};
  if (!device.WhyNot(read).empty()) return curve;
  std::vector<std::int64_t> sizes = CurveSizes(options);
  // All threads' sets together stay within the memory that one may have.
  const std::int64_t most = sizes.empty() ? 0 : sizes.back();
  std::erase_if(sizes, [=](std::int64_t size) { return size > kMiB && size * threads > 2 * most; });
  if (sizes.empty()) return curve;
  const ProbeBuffer buffer(device, static_cast<std::uint64_t>(sizes.back() * threads),
                           TensorRole::kBuffer);
  for (const std::int64_t size : sizes) {
    if (!go_on()) break;
    MemoryProbe probe = read;
    probe.a = buffer.id();
    probe.bytes = size * threads;
    probe.passes = std::max<std::int64_t>(1, kLeastRead / size);
    const Op op = probe;
    const std::unique_ptr<Plan> plan = device.Prepare({&op, 1});
    const double units = static_cast<double>(probe.bytes) * static_cast<double>(probe.passes);
    const std::vector<double> times_s = TimesOf(*plan, kPoint_s, options.now);
    curve.push_back(CeilingOf("cache_bandwidth", device.Info(), units, times_s, at_s));
    curve.back().params = {{"bytes", size}, {"streams", probe.streams}};
    if (options.page_bytes > 0) curve.back().params["page_bytes"] = options.page_bytes;
  }
  return curve;
}

std::vector<Ceiling> LatencyCurve(Device& device, const CeilingOptions& options,
                                  std::span<const std::uint64_t> described_bytes, double at_s,
                                  const GoOn& go_on) {
  std::vector<Ceiling> curve;
  const std::vector<std::int64_t> sizes = CurveSizes(options);
  if (sizes.empty() || !device.WhyNot(LatencyProbe{kNoTensor, kPage, 1}).empty()) return curve;
  const ProbeBuffer buffer(device, static_cast<std::uint64_t>(sizes.back()), TensorRole::kBuffer,
                           false);
  std::vector<LatencyPoint> points;
  for (const std::int64_t size : sizes) {
    if (!go_on()) break;
    device.Write(buffer.id(), RandomCycle(size, static_cast<std::uint64_t>(size)));
    const std::int64_t lines = size / kChaseLine;
    const std::int64_t hops = std::clamp(lines, kLeastHops, kMostHops);
    const Op op = LatencyProbe{buffer.id(), size, hops};
    const std::unique_ptr<Plan> plan = device.Prepare({&op, 1});
    // Once round, so that what fits a cache is in it.
    for (std::int64_t seen = hops; seen < lines; seen += hops) plan->Run({});
    const std::vector<double> times_s = TimesOf(*plan, kPoint_s, options.now);
    curve.push_back(
        CeilingOf("access_latency", device.Info(), static_cast<double>(hops), times_s, at_s));
    curve.back().params = {{"bytes", size}, {"line_bytes", kChaseLine}};
    if (options.page_bytes > 0) curve.back().params["page_bytes"] = options.page_bytes;
    points.push_back({static_cast<double>(size), curve.back().value});
  }
  std::size_t level = 0;
  for (const CachePlateau& seen : CacheLevelsOf(points)) {
    Ceiling ceiling = CeilingOf("cache_size", device.Info(), 1, {}, at_s);
    ceiling.samples = {seen.bytes};
    ceiling.value = seen.bytes;
    ceiling.params = {{"level", level + 1}, {"latency_s", seen.latency_s}};
    const bool described = level < described_bytes.size() && described_bytes[level] > 0;
    ceiling.params["described_bytes"] =
        described ? nlohmann::json(described_bytes[level]) : nlohmann::json();
    curve.push_back(std::move(ceiling));
    ++level;
  }
  return curve;
}

}  // namespace inferometer
