// What the device promises beyond right answers: ids, reasons, limits, caches read back, probes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <set>

#include "harness/base/error.h"
#include "tests/backends/opencl/driver.h"

namespace inferometer::opencl {
namespace {

TEST(OpenClDevice, IdsAreDistinctAndNameTheBackend) {
  std::set<std::string> ids;
  for (const auto& device : OpenDevices(Overrides{})) {
    EXPECT_TRUE(device->Info().id.starts_with("opencl:")) << device->Info().id;
    EXPECT_TRUE(ids.insert(device->Info().id).second) << device->Info().id;
    EXPECT_FALSE(device->Info().driver.empty());
    EXPECT_GT(device->Info().memory_bytes, 0u);
  }
  EXPECT_TRUE(!ids.empty() || !WhyNone().empty());
}

TEST(OpenClDevice, SaysWhyItCannot) {
  const auto device = FirstDevice();
  SKIP_WITHOUT(device);
  EXPECT_THAT(device->WhyNot(ComputeProbe{.type = NumberType::kBf16, .operations = 1}),
              testing::HasSubstr("bf16"));
  EXPECT_NE(device->WhyNot(ClockProbe{.adds = 1}), "");
  EXPECT_NE(device->WhyNot(MemoryProbe{.bytes = 4096, .streams = 2}), "");
  EXPECT_EQ(device->WhyNot(MemoryProbe{.bytes = 4096}), "");
  EXPECT_THAT(device->WhyNot(KvAppend{.format = QuantId::kQ4_0, .kv_heads = 1, .head_dim = 64}),
              testing::HasSubstr("q4_0"));
}

TEST(OpenClDevice, NamesATensorThatDoesNotFit) {
  const auto device = FirstDevice();
  SKIP_WITHOUT(device);
  const TensorDesc huge{.name = "too large", .dims = {std::int64_t{1} << 40, 1, 1, 1}};
  try {
    device->Upload(huge, {});
    ADD_FAILURE() << "4 TiB were accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("too large"));
    EXPECT_THAT(error.what(), testing::HasSubstr("smaller"));
  }
}

TEST(OpenClDevice, ReadsAPrefixOfACacheAsItWasWritten) {
  const auto device = FirstDevice();
  SKIP_WITHOUT(device);
  for (const QuantId format : {QuantId::kF16, QuantId::kQ8_0}) {
    for (const TensorRole role : {TensorRole::kKeyCache, TensorRole::kValueCache}) {
      const TensorDesc desc{
          .name = "cache", .role = role, .format = format, .dims = {32, 2, 19, 2}};
      std::vector<std::byte> bytes(ByteSize(desc));
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37 + 5);
      const TensorId id = device->Upload(desc, {});
      std::vector<std::byte> read(bytes.size());
      device->Read(id, read);
      EXPECT_EQ(std::count(read.begin(), read.end(), std::byte{0}), std::ssize(read));
      const std::size_t prefix = bytes.size() * 2 / 3 + 1;  // ends within a row
      device->Write(id, std::span(bytes).first(prefix));
      device->Read(id, read);
      EXPECT_EQ(std::memcmp(read.data(), bytes.data(), prefix), 0);
      EXPECT_EQ(
          std::count(read.begin() + static_cast<std::ptrdiff_t>(prefix), read.end(), std::byte{0}),
          std::ssize(read) - static_cast<std::ptrdiff_t>(prefix));
      device->Free(id);
    }
  }
}

// A profile names every dispatch and its ops, gives each a time, and computes what a run does.
TEST(OpenClDevice, AProfileIsOfEachDispatch) {
  const auto device = FirstDevice();
  SKIP_WITHOUT(device);
  const auto upload = [&](TensorRole role, std::int64_t width, std::int64_t rows) {
    return device->Upload({"t", role, QuantId::kF32, {width, rows, 1, 1}}, {});
  };
  const TensorId in = upload(TensorRole::kActivation, 64, 40);
  const std::vector<float> ones(64, 1);
  const TensorId weight = device->Upload({"w", TensorRole::kVector, QuantId::kF32, {64, 1, 1, 1}},
                                         std::as_bytes(std::span(ones)));
  const TensorId normed = upload(TensorRole::kActivation, 64, 40);
  const TensorId out = upload(TensorRole::kIndex, 1, 40);
  const Op ops[] = {RmsNorm{in, weight, normed, 64, 1, 1e-5F}, ArgMax{normed, out, 64}};
  std::vector<float> values(std::size_t{64} * 40);
  for (std::size_t row = 0; row < 40; ++row) values[64 * row + row] = 1;
  const auto plan = device->Prepare(ops);
  for (const std::size_t count : {1, 40}) {
    std::vector<TokenAt> tokens;
    for (std::size_t i = 0; i < count; ++i) {
      tokens.push_back({0, static_cast<std::int32_t>(i), 0, true});
    }
    EXPECT_EQ(plan->Dispatches({tokens}), 3);
    device->Write(in, std::as_bytes(std::span(values)));
    const StepProfile profile = plan->Profile({tokens});
    EXPECT_EQ(profile.why_not, "");
    ASSERT_EQ(profile.parts.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      const PartTime& part = profile.parts[i];
      EXPECT_EQ(part.first_op, i == 0 ? 0u : 1u);
      EXPECT_EQ(part.ops, 1u);
      EXPECT_GT(part.device_s, 0);
      EXPECT_TRUE(part.kernel.starts_with(i == 0 ? "norm " : "argmax")) << part.kernel;
    }
    std::vector<std::int32_t> chosen(count);
    device->Read(out, std::as_writable_bytes(std::span(chosen)));
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(chosen[i], static_cast<std::int32_t>(i));
  }
}

// Copy, triad and fill leave what their names say; the chase goes through every line.
TEST(OpenClDevice, ProbesDoWhatTheyAreTimedFor) {
  for (const char* overrides : {"path=wide", "path=group"}) {
    const auto device = FirstDevice(overrides);
    SKIP_WITHOUT(device);
    constexpr std::int64_t kBytes = 3 * 4096;
    const TensorDesc desc{.name = "buffer", .role = TensorRole::kBuffer, .dims = {kBytes, 1, 1, 1}};
    std::vector<float> a(kBytes / 4), b(a.size()), c(a.size());
    std::iota(a.begin(), a.end(), 1.0f);
    const TensorId ids[] = {device->Upload(desc, std::as_bytes(std::span(a))),
                            device->Upload(desc, {}), device->Upload(desc, {})};
    const auto run = [&](MemoryProbe probe) {
      probe.bytes = kBytes;
      const Op op = probe;
      device->Prepare({&op, 1})->Run({});
    };
    run({.pattern = MemoryPattern::kCopy, .a = ids[0], .b = ids[1]});
    device->Read(ids[1], std::as_writable_bytes(std::span(b)));
    EXPECT_EQ(a, b);
    run({.pattern = MemoryPattern::kFill, .a = ids[2]});
    device->Read(ids[2], std::as_writable_bytes(std::span(c)));
    EXPECT_TRUE(std::all_of(c.begin(), c.end(), [](float x) { return x >= 1 && x < 2; }));
    EXPECT_GT(std::set<float>(c.begin(), c.end()).size(), c.size() * 9 / 10);
    run({.pattern = MemoryPattern::kTriad, .a = ids[0], .b = ids[1], .c = ids[2]});
    std::vector<float> sum(a.size());
    device->Read(ids[0], std::as_writable_bytes(std::span(sum)));
    for (std::size_t i = 0; i < sum.size(); ++i) EXPECT_FLOAT_EQ(sum[i], b[i] + 3 * c[i]);
    run({.pattern = MemoryPattern::kRead, .a = ids[0], .passes = 3});
  }
}

}  // namespace
}  // namespace inferometer::opencl
