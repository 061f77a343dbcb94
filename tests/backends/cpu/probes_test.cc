// The probes of ceilings on every CPU device: what they do to memory, and what they refuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>
#include <vector>

#include "backends/cpu/cpu.h"
#include "backends/cpu/peaks.h"
#include "harness/base/error.h"
#include "harness/base/random.h"

namespace inferometer::cpu {
namespace {

constexpr std::int64_t kBytes = 1 << 20;

TensorId Buffer(Device& device, std::int64_t bytes = kBytes,
                TensorRole role = TensorRole::kBuffer) {
  return device.Upload({"buffer", role, QuantId::kF32, {bytes, 1, 1, 1}}, {});
}

void RunOp(Device& device, const Op& op) { device.Prepare({&op, 1})->Run({}); }

std::vector<float> Floats(Device& device, TensorId id, std::int64_t bytes = kBytes) {
  std::vector<float> values(static_cast<std::size_t>(bytes) / sizeof(float));
  device.Read(id, std::as_writable_bytes(std::span(values)));
  return values;
}

TEST(CpuProbes, FillIsTheSameFromAnyNumberOfThreadsAndNeverDenormal) {
  std::vector<float> first;
  for (const int threads : {1, 3}) {
    for (const auto& device : OpenDevices({.threads = threads})) {
      const TensorId a = Buffer(*device);
      RunOp(*device, MemoryProbe{.pattern = MemoryPattern::kFill, .a = a, .bytes = kBytes});
      const std::vector<float> values = Floats(*device, a);
      if (first.empty()) first = values;
      EXPECT_EQ(values, first) << device->Info().id;
    }
  }
  EXPECT_TRUE(std::all_of(first.begin(), first.end(), [](float x) { return x >= 1 && x < 2; }));
  EXPECT_GT(std::set<float>(first.begin(), first.end()).size(), first.size() * 9 / 10);
}

TEST(CpuProbes, CopyAndTriadReachEveryByteWithAnyStreamsAndStores) {
  for (const auto& device : OpenDevices({.threads = 2})) {
    for (const std::int64_t streams : {1, 2, 4, 8}) {
      for (const bool past : {false, true}) {
        MemoryProbe probe{.pattern = MemoryPattern::kCopy,
                          .a = Buffer(*device),
                          .b = Buffer(*device),
                          .bytes = kBytes,
                          .streams = streams,
                          .past_caches = past};
        if (past && !device->WhyNot(probe).empty()) {
          EXPECT_EQ(device->Info().id, "cpu:scalar");
          continue;
        }
        RunOp(*device, MemoryProbe{.pattern = MemoryPattern::kFill, .a = probe.a, .bytes = kBytes});
        RunOp(*device, probe);
        const std::vector<float> source = Floats(*device, probe.a);
        EXPECT_EQ(Floats(*device, probe.b), source) << device->Info().id << ' ' << streams;

        // b is now equal to c: a = b + 3 c = 4 b.
        probe.pattern = MemoryPattern::kTriad;
        probe.c = probe.a, probe.a = Buffer(*device);
        RunOp(*device, probe);
        const std::vector<float> triad = Floats(*device, probe.a);
        for (std::size_t i = 0; i < triad.size(); ++i) {
          ASSERT_EQ(triad[i], source[i] * 4) << device->Info().id << ' ' << streams << " at " << i;
        }
      }
    }
  }
}

TEST(CpuProbes, ReadKernelsSeeEveryWordOnceAPass) {
  std::vector<std::uint64_t> words(kBytes / 8);
  Random random(5);
  for (std::uint64_t& word : words) word = random.Next();
  const std::uint64_t expected = std::accumulate(words.begin(), words.end(), std::uint64_t{0},
                                                 [](auto a, auto b) { return a ^ b; });
  const auto* data = reinterpret_cast<const std::byte*>(words.data());
  const CpuFeatures features = ReadCpuFeatures();
  for (const InstructionSet& set : InstructionSets()) {
    if (!set.runs_on(features)) continue;
    for (const auto& read : set.kernels->read) {
      EXPECT_EQ(read(data, kBytes, 1), expected) << set.kernels->name;
      EXPECT_EQ(read(data, kBytes, 2), 0u) << set.kernels->name << ": everything twice";
      EXPECT_EQ(read(data, kBytes, 3), expected) << set.kernels->name;
      EXPECT_EQ(read(data, 0, 1), 0u) << set.kernels->name << ": a share may be empty";
    }
  }
}

TEST(CpuProbes, TheChaseVisitsEveryLineAndGoesOnWhereItEnded) {
  // Lines in the order 0, 3, 6 ... : a cycle, since 3 and 64 have no common divisor.
  constexpr std::uint64_t kLines = 64, kStride = 3;
  std::vector<std::byte> bytes(kLines * kChaseLine);
  for (std::uint64_t line = 0; line < kLines; ++line) {
    const std::uint64_t next = (line + kStride) % kLines * kChaseLine;
    std::memcpy(bytes.data() + line * kChaseLine, &next, sizeof next);
  }
  std::set<std::uint64_t> seen;
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < kLines; ++i) seen.insert(at = ChaseKernel(bytes.data(), at, 1));
  EXPECT_EQ(seen.size(), kLines);
  EXPECT_EQ(at, 0u);
  EXPECT_EQ(ChaseKernel(bytes.data(), 0, 5), 5 * kStride * kChaseLine);

  const auto devices = OpenDevices({.threads = 2});
  Device& device = *devices.front();
  const TensorId a = Buffer(device, static_cast<std::int64_t>(bytes.size()));
  device.Write(a, bytes);
  RunOp(device, LatencyProbe{a, static_cast<std::int64_t>(bytes.size()), 1000});
}

TEST(CpuProbes, TheAddChainAddsAsOftenAsItSays) {
  EXPECT_EQ(AddChainKernel(0), 1u);
  EXPECT_EQ(AddChainKernel(160), 1u + 3 * 160);
  RunOp(*OpenDevices({.threads = 2}).front(), ClockProbe{1 << 16});
}

TEST(CpuProbes, PeaksRunWhereTheyAreNotRefusedAndRefusalsNameTheReason) {
  for (const auto& device : OpenDevices({.threads = 2})) {
    for (const NumberType type :
         {NumberType::kFp32, NumberType::kFp16, NumberType::kBf16, NumberType::kInt8}) {
      for (const bool matrix : {false, true}) {
        const ComputeProbe probe{type, 1 << 22, matrix};
        const std::string reason = device->WhyNot(probe);
        if (reason.empty()) {
          EXPECT_NO_THROW(RunOp(*device, probe)) << device->Info().id;
        } else {
          EXPECT_TRUE(reason.find(" has no ") != std::string::npos) << reason;
          EXPECT_THROW(RunOp(*device, probe), Error);
        }
      }
    }
    EXPECT_EQ(device->WhyNot(ComputeProbe{NumberType::kFp32, 1}), "");
    EXPECT_EQ(device->WhyNot(ComputeProbe{NumberType::kInt8, 1}), "");
  }
}

// Chains must stay finite and away from denormals, which some processors treat hundreds of times
// slower.
TEST(CpuProbes, PeakChainsEndWhereTheirRecurrencesDo) {
  const CpuFeatures features = ReadCpuFeatures();
  for (const InstructionSet& set : InstructionSets()) {
    if (!set.runs_on(features)) continue;
    const double sum = set.kernels->fp32_chain(std::int64_t{1} << 26);
    // Each of 6 or 12 chains starts 0.01 above the one before and stays there.
    const double chains = std::round(sum / set.kernels->rows / 6) * 6;
    EXPECT_NEAR(sum / set.kernels->rows, chains + 0.005 * chains * (chains + 1), 1e-3)
        << set.kernels->name;
    EXPECT_GE(chains, 6);
    EXPECT_NE(set.kernels->int8_chain(std::int64_t{1} << 20), 0) << set.kernels->name;
  }
  int ran = 0;
  for (const ExtraPeak& peak : ExtraPeaks()) {
    if (!peak.runs_on(features)) continue;
    const double sum = peak.chain(std::int64_t{1} << 26);
    EXPECT_TRUE(std::isfinite(sum)) << peak.instruction;
    EXPECT_NE(sum, 0) << peak.instruction;
    ++ran;
  }
  if (ran == 0) GTEST_SKIP() << "this processor has none of the extra number types";
}

TEST(CpuProbes, WhatMakesNoSenseIsRefused) {
  const auto devices = OpenDevices({.threads = 1});
  Device& device = *devices.front();
  const TensorId a = Buffer(device), small = Buffer(device, kBytes, TensorRole::kSmallPageBuffer);
  EXPECT_NE(device.WhyNot(MemoryProbe{.a = a, .bytes = kBytes, .streams = 3}), "");
  EXPECT_NE(device.WhyNot(MemoryProbe{.a = a, .bytes = kBytes, .past_caches = true}), "");
  EXPECT_THROW(RunOp(device, MemoryProbe{.a = a, .bytes = kBytes + 4096}), Error);
  EXPECT_THROW(RunOp(device, MemoryProbe{.a = a, .bytes = 100}), Error);
  EXPECT_THROW(RunOp(device, MemoryProbe{.a = a, .bytes = kBytes, .passes = 0}), Error);
  EXPECT_THROW(RunOp(device, MemoryProbe{.a = a, .bytes = kBytes, .small_pages = true}), Error);
  EXPECT_NO_THROW(RunOp(device, MemoryProbe{.a = small, .bytes = kBytes, .small_pages = true}));
  EXPECT_THROW(RunOp(device, LatencyProbe{a, 100, 1}), Error);
  EXPECT_THROW(RunOp(device, LatencyProbe{a, kBytes, 0}), Error);
  EXPECT_THROW(RunOp(device, ClockProbe{0}), Error);
}

}  // namespace
}  // namespace inferometer::cpu
