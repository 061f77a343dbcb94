// Ceilings on a device whose speed is known.
#include "harness/workloads/ceilings.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <variant>

namespace inferometer {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// Streams 10 GB/s, computes 1 Top/s, launches in 2 µs; no fp16. Its clock moves only with work.
class KnownDevice : public Device {
 public:
  class KnownPlan : public Plan {
   public:
    KnownPlan(KnownDevice& device, const Op& op) : device_(device), op_(op) {}
    Timing Run(const Step&) override {
      double elapsed_s = 0;
      if (const auto* memory = std::get_if<MemoryProbe>(&op_)) {
        const int streams = memory->pattern == MemoryPattern::kRead   ? 1
                            : memory->pattern == MemoryPattern::kCopy ? 2
                                                                      : 3;
        elapsed_s = streams * static_cast<double>(memory->bytes) / 10e9;
      } else if (const auto* compute = std::get_if<ComputeProbe>(&op_)) {
        elapsed_s = static_cast<double>(compute->operations) / 1e12;
      } else if (const auto* launch = std::get_if<LaunchProbe>(&op_)) {
        elapsed_s = static_cast<double>(launch->count) * 2e-6;
      }
      device_.clock_s += elapsed_s;
      return {elapsed_s, std::nullopt};
    }

   private:
    KnownDevice& device_;
    Op op_;
  };

  KnownDevice() { info_.id = "known", info_.backend = "cpu", info_.threads = 2; }
  const DeviceInfo& Info() const override { return info_; }
  std::string WhyNot(const Op& op) const override {
    const auto* compute = std::get_if<ComputeProbe>(&op);
    return compute && compute->type == NumberType::kFp16 ? "no fp16 arithmetic" : "";
  }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte>) override {
    uploaded_bytes += ByteSize(desc);
    ++tensors;
    return static_cast<TensorId>(next_++);
  }
  void Free(TensorId) override { --tensors; }
  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    return std::make_unique<KnownPlan>(*this, ops[0]);
  }
  void Read(TensorId, std::span<std::byte>) override {}
  void Write(TensorId, std::span<const std::byte>) override {}

  double clock_s = 0;
  std::uint64_t uploaded_bytes = 0;
  int tensors = 0;

 private:
  DeviceInfo info_;
  std::uint32_t next_ = 0;
};

CeilingOptions OptionsFor(KnownDevice& device) {
  CeilingOptions options;
  options.each_s = 0.5;
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

TEST(Ceilings, FindsWhatTheDeviceCanDo) {
  KnownDevice device;
  Ceilings ceilings(device, OptionsFor(device), true);
  std::map<std::string, double> values;
  for (const Ceiling& c : ceilings.Measure(12, false)) {
    values[c.metric] = c.value;
    EXPECT_EQ(c.device, "known");
    EXPECT_EQ(c.at_s, 12);
    EXPECT_GE(c.samples.size(), 5u);
  }
  EXPECT_NEAR(values["read_bandwidth"], 10e9, 1);
  EXPECT_NEAR(values["copy_bandwidth"], 10e9, 1);
  EXPECT_NEAR(values["triad_bandwidth"], 10e9, 1);
  EXPECT_NEAR(values["fp32_peak"], 1e12, 1e3);
  EXPECT_NEAR(values["int8_peak"], 1e12, 1e3);
  EXPECT_NEAR(values["barrier_latency"], 2e-6, 1e-12);
  EXPECT_EQ(values.count("fp16_peak"), 0u);
  EXPECT_THAT(ceilings.unsupported(), ::testing::ElementsAre("fp16_peak: no fp16 arithmetic"));
}

TEST(Ceilings, TheQuickSetIsWhatRooflinesNeedAndBuffersAreFreed) {
  KnownDevice device;
  {
    Ceilings ceilings(device, OptionsFor(device), false);
    std::vector<std::string> metrics;
    for (const Ceiling& c : ceilings.Measure(0, true)) metrics.push_back(c.metric);
    EXPECT_THAT(metrics, ::testing::ElementsAre("read_bandwidth", "fp32_peak", "int8_peak",
                                                "barrier_latency"));
    EXPECT_EQ(device.uploaded_bytes, 256 * kMiB);
  }
  EXPECT_EQ(device.tensors, 0);
}

}  // namespace
}  // namespace inferometer
