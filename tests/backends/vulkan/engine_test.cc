// What the device's parts do with memory, files and wishes that cannot be met.
#include "backends/vulkan/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "backends/vulkan/recording.h"
#include "backends/vulkan/shaders/interface.h"
#include "backends/vulkan/vulkan.h"
#include "harness/base/error.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/backends/vulkan/lowered.h"

namespace inferometer::vulkan {
namespace {

std::string MessageOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Overrides, AreReadWordByWord) {
  const Overrides all = ParseOverrides(
      "no-subgroup, no-fp16 no-dot,no-lanes no-unified no-matrix "
      "workgroup=128 range=4096");
  EXPECT_FALSE(all.subgroup || all.fp16 || all.dot || all.lanes || all.unified || all.matrix);
  EXPECT_EQ(all.workgroup, 128u);
  EXPECT_FALSE(all.slow_dot);
  EXPECT_TRUE(ParseOverrides("dot").slow_dot);
  EXPECT_FALSE(all.slow_matrix);
  EXPECT_TRUE(ParseOverrides("matrix").slow_matrix);
  EXPECT_EQ(all.range, 4096u);
  const Overrides none = ParseOverrides(" , ");
  EXPECT_TRUE(none.subgroup && none.fp16 && none.dot && none.lanes && none.unified && none.matrix);
  for (const char* wrong :
       {"no-subgroups", "workgroup=", "workgroup=48", "workgroup=64x", "range=-1", "subgroup"}) {
    EXPECT_NE(MessageOf([&] { ParseOverrides(wrong); }).find(wrong), std::string::npos) << wrong;
  }
}

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Shaders().empty()) GTEST_SKIP() << "this build has no shaders: glslc was missing";
    if (const auto manifest = LavapipeManifest(); !manifest.empty()) {
      UseDriver(environment_, manifest);
    }
    Open({});
    if (!open_.gpu) GTEST_SKIP() << "no Vulkan device: " << why_not_;
  }
  void Open(const Overrides& overrides) { open_ = OpenFirstGpu(why_not_, overrides); }

  ScopedEnvironment environment_;
  std::string why_not_;
  OpenGpu open_;
};

TEST_F(EngineTest, MemoryIsSharedOutAndComesBack) {
  Memory memory(*open_.gpu);
  const Slice a = memory.Allocate(1000, MemoryKind::kTensor, "a");
  const Slice b = memory.Allocate(5000, MemoryKind::kTensor, "b");
  const Slice c = memory.Allocate(100, MemoryKind::kTensor, "c");
  EXPECT_EQ(a.buffer, b.buffer);
  EXPECT_EQ(b.offset % 256, 0u);
  EXPECT_GE(b.offset, a.offset + a.bytes);
  EXPECT_GE(c.offset, b.offset + b.bytes);
  EXPECT_EQ(memory.used_bytes(), 1024u + 5120u + 256u);
  // What is freed in the middle joins with its neighbours and is given out again.
  memory.Free(b);
  memory.Free(a);
  const Slice d = memory.Allocate(6000, MemoryKind::kTensor, "d");
  EXPECT_EQ(d.offset, a.offset);
  const Slice host = memory.Allocate(16, MemoryKind::kHost, "host");
  ASSERT_NE(host.mapped, nullptr);
  EXPECT_NE(host.buffer, d.buffer);
  for (const Slice& slice : {c, d, host}) memory.Free(slice);
  EXPECT_EQ(memory.used_bytes(), 0u);
}

TEST_F(EngineTest, WhatNoMemoryHoldsIsRefusedWithBothFigures) {
  Memory memory(*open_.gpu);
  const std::uint64_t most = std::min(open_.can.most_allocation, open_.can.heap_bytes);
  const std::string message =
      MessageOf([&] { memory.Allocate(most + 4096, MemoryKind::kTensor, "blk.0.weight"); });
  EXPECT_NE(message.find("blk.0.weight"), std::string::npos) << message;
  EXPECT_NE(message.find(std::to_string(most)), std::string::npos) << message;
  EXPECT_EQ(memory.used_bytes(), 0u);
}

TEST_F(EngineTest, CopiesArriveWhereTheHostCannotReach) {
  Open({.unified = false});
  Memory memory(*open_.gpu);
  {
    Transfer transfer(*open_.gpu, memory);
    // More than staging holds at once, and no whole number of words.
    std::vector<std::byte> data((std::size_t{8} << 20) + 4099);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 31 >> 3);
    const Slice slice = memory.Allocate(data.size() + 8, MemoryKind::kTensor, "data");
    ASSERT_EQ(slice.mapped, nullptr);
    transfer.Zero(slice);
    transfer.Write(slice, 4, data);
    std::vector<std::byte> back(data.size() + 8);
    transfer.Read(slice, 0, back);
    EXPECT_TRUE(std::equal(data.begin(), data.end(), back.begin() + 4));
    for (const std::size_t i : {std::size_t{0}, std::size_t{3}, back.size() - 1}) {
      EXPECT_EQ(back[i], std::byte{0}) << i;
    }
    memory.Free(slice);
  }
  EXPECT_EQ(memory.used_bytes(), 0u);
}

// Results that a plan copies to the host are those of the last run, and of a later write.
TEST_F(EngineTest, SmallResultsAreMirrored) {
  const auto devices = OpenDevices(Overrides{.unified = false});
  ASSERT_FALSE(devices.empty());
  Device& device = *devices[0];
  const TensorId in =
      device.Upload({"in", TensorRole::kActivation, QuantId::kF32, {5, 2, 1, 1}}, {});
  const TensorId out = device.Upload({"out", TensorRole::kIndex, QuantId::kF32, {1, 2, 1, 1}}, {});
  const Op op = ArgMax{in, out, 5};
  const auto plan = device.Prepare({&op, 1});
  const std::vector<TokenAt> tokens = {{0, 0, 0, true}, {0, 1, 0, true}};
  const auto chosen = [&] {
    std::vector<std::int32_t> ids(2);
    device.Read(out, std::as_writable_bytes(std::span(ids)));
    return ids;
  };
  for (const std::int32_t place : {4, 1}) {
    std::vector<float> values(10);
    values[static_cast<std::size_t>(place)] = 1;
    device.Write(in, std::as_bytes(std::span(values)));
    const Timing timing = plan->Run({tokens});
    EXPECT_GT(timing.host_s, 0);
    EXPECT_LE(timing.device_s.value_or(0), timing.host_s);
    EXPECT_EQ(chosen(), (std::vector<std::int32_t>{place, 0}));
  }
  const std::vector<std::int32_t> written = {3, 2};
  device.Write(out, std::as_bytes(std::span(written)));
  EXPECT_EQ(chosen(), written);
}

// A profile names every dispatch and its ops, gives each a time, and computes what a run does.
TEST_F(EngineTest, AProfileIsOfEachDispatch) {
  const auto devices = OpenDevices(Overrides{});
  ASSERT_FALSE(devices.empty());
  Device& device = *devices[0];
  const auto upload = [&](TensorRole role, std::int64_t width, std::int64_t rows) {
    return device.Upload({"t", role, QuantId::kF32, {width, rows, 1, 1}}, {});
  };
  const TensorId in = upload(TensorRole::kActivation, 64, 40);
  const std::vector<float> ones(64, 1);
  const TensorId weight = device.Upload({"w", TensorRole::kVector, QuantId::kF32, {64, 1, 1, 1}},
                                        std::as_bytes(std::span(ones)));
  const TensorId normed = upload(TensorRole::kActivation, 64, 40);
  const TensorId out = upload(TensorRole::kIndex, 1, 40);
  const Op ops[] = {RmsNorm{in, weight, normed, 64, 1, 1e-5F}, ArgMax{normed, out, 64}};
  std::vector<float> values(64 * 40);
  for (std::size_t row = 0; row < 40; ++row) values[64 * row + row] = 1;
  const auto plan = device.Prepare(ops);
  for (const std::size_t count : {1, 40}) {
    std::vector<TokenAt> tokens;
    for (std::size_t i = 0; i < count; ++i) {
      tokens.push_back({0, static_cast<std::int32_t>(i), 0, true});
    }
    EXPECT_EQ(plan->Dispatches({tokens}), 3);
    device.Write(in, std::as_bytes(std::span(values)));
    const StepProfile profile = plan->Profile({tokens});
    ASSERT_EQ(profile.why_not, "");
    ASSERT_EQ(profile.parts.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      const PartTime& part = profile.parts[i];
      EXPECT_EQ(part.first_op, i == 0 ? 0u : 1u);
      EXPECT_EQ(part.ops, 1u);
      EXPECT_GT(part.device_s, 0);
      EXPECT_TRUE(part.kernel.starts_with(i == 0 ? "norm." : "argmax ")) << part.kernel;
    }
    std::vector<std::int32_t> chosen(count);
    device.Read(out, std::as_writable_bytes(std::span(chosen)));
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(chosen[i], static_cast<std::int32_t>(i));
  }
}

// A long list of dispatches for many tokens is handed over in pieces, for one token in one; the
// sums that go through it from end to end are those of one after the other.
TEST_F(EngineTest, WorkOnManyTokensComesInPieces) {
  Memory memory(*open_.gpu);
  Pipelines pipelines(*open_.gpu, {});
  const Slice slice = memory.Allocate(4096, MemoryKind::kHost, "numbers");
  const Range step = {slice.buffer, slice.offset, 256},
              ones = {slice.buffer, slice.offset + 256, 256},
              sum = {slice.buffer, slice.offset + 512, 256};
  const auto words = reinterpret_cast<std::uint32_t*>(slice.mapped);
  const auto floats = reinterpret_cast<float*>(slice.mapped);
  std::vector<Dispatch> dispatches(40);
  for (Dispatch& dispatch : dispatches) {
    dispatch.pipeline = {"expert_sum", {64}};  // sum += 1 * 1
    dispatch.bindings = {step, ones, ones, sum};
    const EachPush push{1, 1, 0};
    std::memcpy(dispatch.push.data(), &push, sizeof(push));
    dispatch.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
    dispatch.touches = {{1, Access::kReadWrite}};
  }
  for (const bool single : {true, false}) {
    Recording recording(*open_.gpu, memory, pipelines, dispatches, {}, single);
    EXPECT_EQ(recording.pieces(), single ? 1u : 3u);
    EXPECT_EQ(recording.barriers(), 39u);
    words[0] = 1;
    floats[64] = 1;
    floats[128] = 2;
    recording.Run({.tokens = 1, .outputs = 1, .tiles = 1});
    EXPECT_EQ(floats[128], 42);
  }
  memory.Free(slice);
}

TEST_F(EngineTest, ACacheBeyondWhatAShaderSeesIsRefused) {
  const auto devices = OpenDevices(Overrides{.range = 65536});
  ASSERT_FALSE(devices.empty());
  const std::string message = MessageOf([&] {
    devices[0]->Upload({"cache.0.k", TensorRole::kKeyCache, QuantId::kF16, {64, 4, 1024, 1}}, {});
  });
  EXPECT_NE(message.find("cache.0.k"), std::string::npos) << message;
  EXPECT_NE(message.find("65536"), std::string::npos) << message;
}

}  // namespace
}  // namespace inferometer::vulkan
