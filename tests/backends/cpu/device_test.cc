// CPU devices: what they are called, what they refuse, what probes do.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "backends/cpu/cpu.h"
#include "harness/base/error.h"
#include "models/quant/formats.h"

namespace inferometer::cpu {
namespace {

TEST(CpuDevices, EveryUsableInstructionSetIsADeviceAndScalarIsLast) {
  const auto devices = OpenDevices({.threads = 2});
  ASSERT_FALSE(devices.empty());
  EXPECT_EQ(devices.back()->Info().id, "cpu:scalar");
  std::set<std::string> ids;
  for (const auto& device : devices) {
    EXPECT_TRUE(ids.insert(device->Info().id).second);
    EXPECT_EQ(device->Info().threads, 2);
    EXPECT_FALSE(device->Info().software);
  }
}

TEST(CpuDevices, OnlySetsThatTheProcessorRunsAreOpened) {
  const CpuFeatures features = ReadCpuFeatures();
  std::size_t usable = 0;
  for (const InstructionSet& set : InstructionSets()) usable += set.runs_on(features) ? 1 : 0;
  EXPECT_EQ(OpenDevices({}).size(), usable);
}

TEST(CpuDevices, RefuseWhatTheyCannotDoInWords) {
  const auto devices = OpenDevices({.threads = 1});
  const Device& device = *devices.back();
  EXPECT_NE(device.WhyNot(KvAppend{.format = QuantId::kBF16, .kv_heads = 1, .head_dim = 64}), "");
  EXPECT_NE(device.WhyNot(Attention{.heads = 1, .kv_heads = 1, .head_dim = 24}), "");
  EXPECT_NE(device.WhyNot(Attention{.heads = 64, .kv_heads = 1, .head_dim = 64}), "");
  EXPECT_EQ(device.WhyNot(Attention{.heads = 9, .kv_heads = 3, .head_dim = 64}), "");
}

TEST(CpuDevices, WrongSizesAreErrors) {
  const auto devices = OpenDevices({.threads = 1});
  Device& device = *devices.back();
  const TensorDesc matrix{"m", TensorRole::kMatrix, QuantId::kQ8_0, {64, 8, 1, 1}};
  const std::vector<std::byte> few(10);
  EXPECT_THROW(device.Upload(matrix, few), Error);
  const TensorId id = device.Upload(matrix, {});
  std::vector<std::byte> out(4);
  EXPECT_THROW(device.Read(id, out), Error);
  device.Free(id);
  EXPECT_THROW(device.Read(id, out), Error);
  EXPECT_THROW(device.Prepare(std::vector<Op>{MatMul{.in = id, .weight = id, .out = id}}), Error);
}

TEST(CpuDevices, ProbesRunOnEveryDevice) {
  const TokenAt token{};
  for (const auto& device : OpenDevices({.threads = 2})) {
    const std::int64_t bytes = 1 << 20;
    const TensorDesc desc{"buffer", TensorRole::kBuffer, QuantId::kF32, {bytes, 1, 1, 1}};
    const TensorId a = device->Upload(desc, {}), b = device->Upload(desc, {}),
                   c = device->Upload(desc, {});
    std::vector<float> ones(static_cast<std::size_t>(bytes / 4), 1.0f), got(ones.size());
    device->Write(b, std::as_bytes(std::span(ones)));
    device->Write(c, std::as_bytes(std::span(ones)));
    const Op ops[] = {
        MemoryProbe{.pattern = MemoryPattern::kRead, .a = a, .bytes = bytes},
        MemoryProbe{.pattern = MemoryPattern::kTriad, .a = a, .b = b, .c = c, .bytes = bytes},
        MemoryProbe{.pattern = MemoryPattern::kCopy, .a = a, .b = b, .bytes = bytes},
        ComputeProbe{NumberType::kFp32, 1 << 16},
        ComputeProbe{NumberType::kInt8, 1 << 16},
        LaunchProbe{3}};
    device->Prepare(ops)->Run({{&token, 1}});
    device->Read(b, std::as_writable_bytes(std::span(got)));
    EXPECT_TRUE(std::all_of(got.begin(), got.end(), [](float x) { return x == 4.0f; }))
        << device->Info().id << ": triad 1 + 3 * 1, then copied";
  }
}

}  // namespace
}  // namespace inferometer::cpu
