// Ceilings on a device whose speed is known.
#include "harness/workloads/ceilings.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>

#include "models/cost.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// Streams 10 GB/s, a tenth of it more for each stream from small pages and two tenths from others,
// half with ordinary stores; computes 1 Top/s, adds 3 G/s, launches in 2 µs; no fp16, no matrices.
// Its clock moves only with work.
class KnownDevice : public Device {
 public:
  class KnownPlan : public Plan {
   public:
    KnownPlan(KnownDevice& device, const Op& op) : device_(device), op_(op) {}
    Timing Run(const Step&) override {
      double elapsed_s = 0;
      if (const auto* memory = std::get_if<MemoryProbe>(&op_)) {
        const double gain = memory->small_pages ? 0.1 : 0.2;
        const double speed = 10e9 * (1 + gain * static_cast<double>(memory->streams - 1));
        const bool writes = memory->pattern != MemoryPattern::kRead;
        elapsed_s = CostOf(op_, {}).bytes / speed * (writes && !memory->past_caches ? 2 : 1);
        const bool filling = memory->pattern == MemoryPattern::kFill;
        if (filling) device_.filled.insert(memory->a);
        for (const TensorId id : {memory->a, memory->b, memory->c}) {
          const bool written = CopiesToB(memory->pattern) && id == memory->b;
          const bool used = !filling && !written && id != kNoTensor;
          EXPECT_TRUE(!used || device_.filled.contains(id)) << "read before it was filled";
        }
      } else if (const auto* compute = std::get_if<ComputeProbe>(&op_)) {
        elapsed_s = static_cast<double>(compute->operations) / 1e12;
      } else if (const auto* clock = std::get_if<ClockProbe>(&op_)) {
        elapsed_s = static_cast<double>(clock->adds) / 3e9;
      } else if (const auto* launch = std::get_if<LaunchProbe>(&op_)) {
        elapsed_s = static_cast<double>(launch->count) * 2e-6;
      } else if (const auto* subgroup = std::get_if<SubgroupProbe>(&op_)) {
        elapsed_s = static_cast<double>(subgroup->sums) * 5e-9;
      }
      device_.clock_s += elapsed_s;
      if (!device_.IsGpu()) return {elapsed_s, std::nullopt};
      return {elapsed_s + kSubmit_s, elapsed_s};
    }

   private:
    KnownDevice& device_;
    Op op_;
  };

  static constexpr double kSubmit_s = 1e-4;  // of a GPU: what the host sees more

  explicit KnownDevice(const char* backend = "cpu") {
    info_.id = "known", info_.backend = backend, info_.threads = 2;
  }
  bool IsGpu() const { return info_.backend != "cpu"; }
  const DeviceInfo& Info() const override { return info_; }
  std::string WhyNot(const Op& op) const override {
    const auto* compute = std::get_if<ComputeProbe>(&op);
    if (compute && compute->matrix) return "no matrices";
    if (compute && compute->type == NumberType::kFp16) return "no fp16 arithmetic";
    const auto* memory = std::get_if<MemoryProbe>(&op);
    if (memory && one_way && (memory->streams > 1 || memory->small_pages || memory->past_caches)) {
      return "this device has one way to stream";
    }
    return "";
  }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte>) override {
    bytes += ByteSize(desc);
    most_bytes = std::max(most_bytes, bytes);
    sizes_[next_] = ByteSize(desc);
    roles.insert(desc.role);
    ++tensors;
    return static_cast<TensorId>(next_++);
  }
  void Free(TensorId id) override {
    bytes -= sizes_.at(static_cast<std::uint32_t>(id));
    filled.erase(id);
    --tensors;
  }
  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    return std::make_unique<KnownPlan>(*this, ops[0]);
  }
  void Read(TensorId, std::span<std::byte>) override {}
  void Write(TensorId, std::span<const std::byte>) override {}

  double clock_s = 0;
  std::uint64_t bytes = 0, most_bytes = 0;
  int tensors = 0;
  bool one_way = false;
  std::set<TensorId> filled;
  std::set<TensorRole> roles;

 private:
  std::map<std::uint32_t, std::uint64_t> sizes_;
  DeviceInfo info_;
  std::uint32_t next_ = 0;
};

CeilingOptions OptionsFor(KnownDevice& device) {
  CeilingOptions options;
  options.each_s = 0.5;
  options.page_bytes = 2 * kMiB, options.small_page_bytes = 4096;
  options.now = [&device] { return device.clock_s; };
  return options;
}

TEST(ProbeBytes, FourTimesTheCacheWithinLimits) {
  CeilingOptions options;
  EXPECT_EQ(ProbeBytes(options), 256 * kMiB);
  options.last_level_bytes = 100 * kMiB;
  EXPECT_EQ(ProbeBytes(options), 400 * kMiB);
  options.memory_bytes = 1024 * kMiB;
  EXPECT_EQ(ProbeBytes(options), 128 * kMiB);
}

TEST(StreamedBytes, IsAnOddNumberOfPagesForEachThread) {
  for (const int threads : {0, 1, 2, 3, 8, 12}) {
    const std::int64_t bytes = StreamedBytes(256 * kMiB, threads);
    const std::int64_t parts = std::max(threads, 1);
    ASSERT_EQ(bytes % (parts * 4096), 0);
    EXPECT_EQ(bytes / parts / 4096 % 2, 1);
    EXPECT_LE(bytes, static_cast<std::int64_t>(256 * kMiB));
    EXPECT_GT(bytes, static_cast<std::int64_t>(255 * kMiB));
  }
  EXPECT_EQ(StreamedBytes(0, 2), 2 * 4096);
}

std::map<std::string, Ceiling> ByMetric(const std::vector<Ceiling>& ceilings) {
  std::map<std::string, Ceiling> by_metric;
  for (const Ceiling& c : ceilings) {
    EXPECT_TRUE(by_metric.emplace(c.metric, c).second) << c.metric << " stands twice";
  }
  return by_metric;
}

TEST(Ceilings, FindsTheFastestWayAndKeepsThePlainOneBesideIt) {
  KnownDevice device;
  Ceilings ceilings(device, OptionsFor(device), true);
  const std::vector<Ceiling> measured = ceilings.Measure(12, false);
  std::map<std::string, Ceiling> by = ByMetric(measured);
  for (const Ceiling& c : measured) {
    EXPECT_EQ(c.device, "known");
    EXPECT_EQ(c.at_s, 12);
    EXPECT_GE(c.samples.size(), 3u);
  }
  EXPECT_NEAR(by["read_bandwidth"].value, 24e9, 1);  // 8 streams: 10 * (1 + 0.2 * 7)
  EXPECT_EQ(by["read_bandwidth"].params["streams"], 8);
  EXPECT_EQ(by["read_bandwidth"].params["page_bytes"], 2 * kMiB);
  EXPECT_NEAR(by["read_bandwidth_plain"].value, 10e9, 1);
  EXPECT_EQ(by["read_bandwidth_plain"].params["streams"], 1);
  EXPECT_EQ(by["read_bandwidth_plain"].params["page_bytes"], 4096);
  for (const char* metric : {"copy_bandwidth", "triad_bandwidth"}) {
    EXPECT_NEAR(by[metric].value, 24e9, 1) << metric;
    EXPECT_EQ(by[metric].params["stores"], "past the caches");
  }
  EXPECT_NEAR(by["fp32_peak"].value, 1e12, 1e3);
  EXPECT_NEAR(by["int8_peak"].value, 1e12, 1e3);
  EXPECT_NEAR(by["bf16_peak"].value, 1e12, 1e3);
  EXPECT_NEAR(by["core_clock"].value, 3e9, 1);
  EXPECT_NEAR(by["barrier_latency"].value, 2e-6, 1e-12);
  EXPECT_EQ(by.count("fp16_peak"), 0u);
  EXPECT_THAT(
      ceilings.unsupported(),
      ::testing::ElementsAre("bf16_matrix_peak: no matrices", "int8_matrix_peak: no matrices",
                             "fp16_matrix_peak: no matrices", "fp16_peak: no fp16 arithmetic"));
}

TEST(Ceilings, OfAGpuHoldWhatLiesBetweenItAndItsHost) {
  KnownDevice device("vulkan");
  device.one_way = true;
  Ceilings ceilings(device, OptionsFor(device), true);
  std::map<std::string, Ceiling> by = ByMetric(ceilings.Measure(0, false));
  EXPECT_NEAR(by["launch_latency"].value, KnownDevice::kSubmit_s + 2e-6, 1e-12) << "host's clock";
  EXPECT_NEAR(by["dispatch_latency"].value, 2e-6, 1e-12) << "device's clock";
  EXPECT_NEAR(by["subgroup_latency"].value, 5e-9, 1e-15);
  EXPECT_NEAR(by["host_memory_bandwidth"].value, 10e9, 1);
  EXPECT_NEAR(by["upload_bandwidth"].value, 5e9, 1);
  EXPECT_NEAR(by["download_bandwidth"].value, 5e9, 1);
  EXPECT_EQ(by["upload_bandwidth"].params["bytes"], 64 * kMiB);
  EXPECT_EQ(by.count("barrier_latency"), 0u);
  EXPECT_THAT(device.roles, ::testing::Contains(TensorRole::kHostBuffer));
}

TEST(Ceilings, ADeviceWithOneWayToStreamIsMeasuredThatWay) {
  KnownDevice device;
  device.one_way = true;
  Ceilings ceilings(device, OptionsFor(device), true);
  std::map<std::string, Ceiling> by = ByMetric(ceilings.Measure(0, false));
  EXPECT_NEAR(by["read_bandwidth"].value, 10e9, 1);
  EXPECT_NEAR(by["copy_bandwidth"].value, 5e9, 1);
  EXPECT_EQ(by.count("read_bandwidth_plain"), 0u) << "there is nothing that it would stand beside";
}

TEST(Ceilings, RoofsAreWhatRooflinesNeedAndOneBufferStays) {
  KnownDevice device;
  {
    Ceilings ceilings(device, OptionsFor(device), false);
    const auto metrics_of = [&ceilings] {
      std::vector<std::string> metrics;
      for (const Ceiling& c : ceilings.Measure(0, true)) metrics.push_back(c.metric);
      return metrics;
    };
    EXPECT_THAT(metrics_of(),
                ::testing::ElementsAre("read_bandwidth", "fp32_peak", "int8_peak", "bf16_peak",
                                       "barrier_latency", "read_bandwidth_plain"));
    EXPECT_THAT(metrics_of(), ::testing::ElementsAre("read_bandwidth", "fp32_peak", "int8_peak",
                                                     "bf16_peak", "barrier_latency"));
    EXPECT_LE(device.most_bytes, 512 * kMiB);
    EXPECT_LE(device.bytes, 256 * kMiB);
    EXPECT_EQ(device.tensors, 1);
  }
  EXPECT_EQ(device.tensors, 0);
}

TEST(Ceilings, WithOneSizeOfPagesThePlainOneHasThat) {
  KnownDevice device;
  CeilingOptions options = OptionsFor(device);
  options.page_bytes = options.small_page_bytes = 16384;
  Ceilings ceilings(device, options, false);
  std::map<std::string, Ceiling> by = ByMetric(ceilings.Measure(0, true));
  EXPECT_EQ(by["read_bandwidth_plain"].params["page_bytes"], 16384);
  EXPECT_EQ(by["read_bandwidth"].params["page_bytes"], 16384);
  EXPECT_LE(device.most_bytes, 256 * kMiB);
}

}  // namespace
}  // namespace inferometer
