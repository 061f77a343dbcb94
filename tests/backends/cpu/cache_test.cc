// KV caches: their bytes come back as they went in, whole or in part, and appended rows are coded
// as models/quant codes them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "backends/cpu/cpu.h"
#include "harness/base/error.h"
#include "harness/base/random.h"
#include "models/quant/blocks.h"

namespace inferometer::cpu {
namespace {

std::vector<std::byte> RandomBytes(std::size_t size, std::uint64_t seed) {
  std::vector<std::byte> bytes(size);
  Random random(seed);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.Next());
  return bytes;
}

struct CacheCase {
  TensorRole role;
  QuantId format;
  std::array<std::int64_t, 4> dims;
};

std::vector<CacheCase> CacheCases() {
  std::vector<CacheCase> cases;
  for (const TensorRole role : {TensorRole::kKeyCache, TensorRole::kValueCache}) {
    for (const QuantId format : {QuantId::kF16, QuantId::kQ8_0}) {
      cases.push_back({role, format, {32, 3, 37, 2}});
      cases.push_back({role, format, {96, 1, 16, 3}});
      cases.push_back({role, format, {64, 2, 1, 1}});
    }
    cases.push_back({role, QuantId::kF16, {80, 2, 17, 2}});
  }
  return cases;
}

TEST(CpuCaches, ComeBackAsTheyWereWritten) {
  for (const auto& device : OpenDevices({.threads = 1})) {
    for (const auto& [role, format, dims] : CacheCases()) {
      const TensorDesc desc{"cache", role, format, dims};
      const std::vector<std::byte> bytes = RandomBytes(ByteSize(desc), 3);
      std::vector<std::byte> back(bytes.size());
      const TensorId id = device->Upload(desc, {});
      device->Read(id, back);
      EXPECT_EQ(back, std::vector<std::byte>(bytes.size())) << "a new cache holds zeros";
      device->Write(id, bytes);
      device->Read(id, back);
      EXPECT_EQ(bytes, back) << device->Info().id << " " << FormatOf(format).name;
      const TensorId uploaded = device->Upload(desc, bytes);
      device->Read(uploaded, back);
      EXPECT_EQ(bytes, back) << device->Info().id << " " << FormatOf(format).name;
    }
  }
}

// A prefix is the first positions of sequence 0, whatever the capacity; it may end within a row.
TEST(CpuCaches, PrefixesAreReadAndWrittenAndLeaveTheRestAlone) {
  for (const auto& device : OpenDevices({.threads = 1})) {
    for (const auto& [role, format, dims] : CacheCases()) {
      const TensorDesc desc{"cache", role, format, dims};
      const std::size_t row = RowBytes(format, static_cast<std::size_t>(dims[0]));
      const std::size_t position = row * static_cast<std::size_t>(dims[1]), size = ByteSize(desc);
      const std::vector<std::byte> old = RandomBytes(size, 3), fresh = RandomBytes(size, 4);
      const TensorId id = device->Upload(desc, {});
      for (const std::size_t length :
           {std::size_t{0}, std::size_t{1}, row - 1, row, row + 3, position, 15 * position,
            16 * position + row / 2, 17 * position, size - 1, size}) {
        if (length > size) continue;
        device->Write(id, old);
        device->Write(id, std::span(fresh).first(length));
        std::vector<std::byte> want = old, back(size);
        std::copy_n(fresh.begin(), length, want.begin());
        device->Read(id, back);
        ASSERT_EQ(back, want) << device->Info().id << " " << FormatOf(format).name << " " << length;
        std::vector<std::byte> part(length);
        device->Read(id, part);
        ASSERT_TRUE(std::equal(part.begin(), part.end(), fresh.begin())) << length;
      }
      std::vector<std::byte> more(size + 1);
      EXPECT_THROW(device->Read(id, more), Error);
      EXPECT_THROW(device->Write(id, more), Error);
    }
  }
}

// Bytes of this process that are in memory.
std::size_t Resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

// Memory is given out when it is touched, so a copy of a prefix that went over the capacity would
// show.
TEST(CpuCaches, APrefixTouchesNoMoreOfACacheThanItNeeds) {
  if (Resident() == 0) GTEST_SKIP() << "no /proc/self/statm here";
  const std::int64_t capacity = 1 << 20;
  for (const QuantId format : {QuantId::kF16, QuantId::kQ8_0}) {
    for (const TensorRole role : {TensorRole::kKeyCache, TensorRole::kValueCache}) {
      const auto devices = OpenDevices({.threads = 1});
      const TensorDesc desc{"cache", role, format, {128, 2, capacity, 1}};
      const std::size_t size = ByteSize(desc);
      ASSERT_GT(size, std::size_t{256} << 20);
      const TensorId id = devices.front()->Upload(desc, {});
      std::vector<std::byte> part(size / static_cast<std::size_t>(capacity) * 20);
      const std::size_t before = Resident();
      devices.front()->Read(id, part);
      devices.front()->Write(id, part);
      EXPECT_LT(Resident(), before + (std::size_t{64} << 20)) << FormatOf(format).name;
    }
  }
}

TEST(CpuCaches, OtherFormatsAreRefusedWithTheReason) {
  const auto devices = OpenDevices({.threads = 1});
  Device& device = *devices.back();
  const TensorDesc odd{"odd", TensorRole::kKeyCache, QuantId::kQ4_0, {64, 1, 4, 1}};
  EXPECT_THROW(device.Upload(odd, {}), Error);
  for (const QuantId format : {QuantId::kF32, QuantId::kBF16, QuantId::kQ4_0, QuantId::kQ6_K}) {
    const std::string why = device.WhyNot(KvAppend{.format = format, .head_dim = 256});
    EXPECT_NE(why.find(FormatOf(format).name), std::string::npos) << why;
  }
  for (const std::int64_t head_dim : {16, 48, 80, 1056}) {
    const std::string why =
        device.WhyNot(Attention{.format = QuantId::kQ8_0, .kv_heads = 1, .head_dim = head_dim});
    EXPECT_NE(why.find("multiples of 32"), std::string::npos) << why;
  }
  for (const std::int64_t head_dim : {32, 64, 96, 128, 1024}) {
    EXPECT_EQ(device.WhyNot(KvAppend{.format = QuantId::kQ8_0, .head_dim = head_dim}), "");
  }
}

// Rows appended on a device against the scalar codec: the same scales, and the same codes but for
// values in the middle between two.
TEST(CpuCaches, AppendedRowsAreCodedAsTheFormatSays) {
  constexpr std::int64_t kHeadDim = 96, kHeads = 3, kTokens = 40;
  std::vector<float> values(kHeadDim * kHeads * kTokens);
  Random random(5);
  for (float& value : values) value = random.Normal();
  const auto block = [&values](std::size_t i) { return std::span(values).subspan(32 * i, 32); };
  std::ranges::fill(block(0), 0.0f);
  for (float& value : block(1)) value *= 1e9f;    // a scale beyond the largest half
  for (float& value : block(2)) value *= 1e-6f;   // a subnormal scale
  for (float& value : block(3)) value *= 1e-12f;  // a scale that is no half at all
  std::ranges::fill(block(4), -7.0f);
  std::vector<std::byte> want(RowBytes(QuantId::kQ8_0, values.size()));
  FormatOf(QuantId::kQ8_0).encode(values, want.data());

  std::vector<TokenAt> tokens;
  for (std::int32_t t = 0; t < kTokens; ++t) tokens.push_back({0, t, 0, false});
  for (const auto& device : OpenDevices({.threads = 2})) {
    const TensorDesc in{
        "in", TensorRole::kActivation, QuantId::kF32, {kHeadDim * kHeads, kTokens, 1, 1}};
    TensorDesc cache{"k", TensorRole::kKeyCache, QuantId::kQ8_0, {kHeadDim, kHeads, kTokens, 1}};
    const TensorId x = device->Upload(in, std::as_bytes(std::span(values)));
    const TensorId k = device->Upload(cache, {});
    cache.role = TensorRole::kValueCache;
    const TensorId v = device->Upload(cache, {});
    const Op op = KvAppend{x, x, k, v, QuantId::kQ8_0, kHeads, kHeadDim};
    device->Prepare(std::span(&op, 1))->Run({tokens});
    for (const TensorId id : {k, v}) {
      std::vector<std::byte> got(want.size());
      device->Read(id, got);
      std::size_t different = 0;
      for (std::size_t at = 0; at < want.size(); at += sizeof(BlockQ8_0)) {
        BlockQ8_0 a, b;
        std::memcpy(&a, want.data() + at, sizeof a);
        std::memcpy(&b, got.data() + at, sizeof b);
        ASSERT_EQ(a.d, b.d) << device->Info().id << ", block " << at / sizeof(BlockQ8_0);
        for (int i = 0; i < 32; ++i) {
          ASSERT_LE(std::abs(a.qs[i] - b.qs[i]), 1) << device->Info().id << ", byte " << at;
          different += a.qs[i] != b.qs[i] ? 1 : 0;
        }
      }
      EXPECT_LE(different, 2u) << device->Info().id << ": of " << values.size() << " codes";
    }
  }
}

}  // namespace
}  // namespace inferometer::cpu
