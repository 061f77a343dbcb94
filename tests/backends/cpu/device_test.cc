// CPU devices: what they are called, what they refuse, what probes do.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
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

std::vector<std::string> SetsOf(const CpuFeatures& features) {
  std::vector<std::string> names;
  for (const InstructionSet& set : InstructionSets()) {
    if (set.runs_on(features)) names.emplace_back(set.kernels->name);
  }
  return names;
}

TEST(CpuDevices, AProcessorGetsTheSetsThatItsFeaturesAllow) {
  using Names = std::vector<std::string>;
  CpuFeatures features;
  EXPECT_EQ(SetsOf(features), Names({"scalar"}));
#if defined(__x86_64__)
  features.avx2 = true;  // Haswell, Zen 3
  EXPECT_EQ(SetsOf(features), Names({"avx2", "scalar"}));
  features.avx512 = true;  // Skylake's server parts
  EXPECT_EQ(SetsOf(features), Names({"avx2", "scalar"}));
  features.avx512_vnni = true;  // Cascade Lake, Zen 4
  EXPECT_EQ(SetsOf(features), Names({"avx512_vnni", "avx2", "scalar"}));
  features.avx_vnni = true;  // Sapphire Rapids, Zen 5
  EXPECT_EQ(SetsOf(features), Names({"avx512_vnni", "avx_vnni", "avx2", "scalar"}));
#elif defined(__aarch64__)
  features.neon = true;  // Cortex-A72
  EXPECT_EQ(SetsOf(features), Names({"neon", "scalar"}));
  features.i8mm = true;  // without dot products there is no such processor
  EXPECT_EQ(SetsOf(features), Names({"neon", "scalar"}));
  features.i8mm = false, features.dotprod = true;  // Neoverse N1, Apple M1
  EXPECT_EQ(SetsOf(features), Names({"neon_dotprod", "neon", "scalar"}));
  features.i8mm = true;  // Neoverse V1, Cortex-X2, Apple M2
  EXPECT_EQ(SetsOf(features), Names({"neon_i8mm", "neon_dotprod", "neon", "scalar"}));
#endif
}

// Under qemu the processor is known.
TEST(CpuDevices, AnImitatedProcessorRunsTheWidestSetItHas) {
  const char* imitated = std::getenv("QEMU_CPU");
  const std::map<std::string, std::string> widest = {{"cortex-a53", "cpu:neon"},
                                                     {"cortex-a72", "cpu:neon"},
                                                     {"neoverse-n1", "cpu:neon_dotprod"},
                                                     {"max", "cpu:neon_i8mm"}};
  const auto want = imitated == nullptr ? widest.end() : widest.find(imitated);
  if (want == widest.end()) GTEST_SKIP() << "QEMU_CPU names no processor that this test knows";
  EXPECT_EQ(OpenDevices({.threads = 1}).front()->Info().id, want->second);
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
