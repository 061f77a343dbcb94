// KV cache rows find their places, and nobody else's.
#include "backends/opencl/cache_layout.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <tuple>
#include <vector>

namespace inferometer::opencl {
namespace {

class CacheLayoutOf : public testing::TestWithParam<std::tuple<QuantId, TensorRole, std::int64_t>> {
};

TEST_P(CacheLayoutOf, KeepsEveryRowApart) {
  const auto [format, role, positions] = GetParam();
  const TensorDesc desc{
      .name = "cache", .role = role, .format = format, .dims = {64, 3, positions, 2}};
  const CacheLayout layout(desc);
  EXPECT_EQ(layout.padded_positions() % 16, 0);
  std::vector<std::uint8_t> cache(layout.Bytes());
  const auto row_bytes = static_cast<std::size_t>(layout.RowBytes());
  EXPECT_EQ(row_bytes, RowBytes(format, 64));
  const auto row_of = [&](std::int64_t sequence, std::int64_t head, std::int64_t position) {
    std::vector<std::uint8_t> row(row_bytes);
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = static_cast<std::uint8_t>(sequence * 131 + head * 57 + position * 7 +
                                         static_cast<std::int64_t>(i) * 3 + 1);
    }
    return row;
  };
  const auto for_all = [&](auto&& f) {
    for (std::int64_t s = 0; s < 2; ++s) {
      for (std::int64_t h = 0; h < 3; ++h) {
        for (std::int64_t p = 0; p < positions; ++p) f(s, h, p);
      }
    }
  };
  for_all(
      [&](auto s, auto h, auto p) { layout.Put(s, h, p, row_of(s, h, p).data(), cache.data()); });
  for_all([&](auto s, auto h, auto p) {
    std::vector<std::uint8_t> row(row_bytes);
    layout.Get(s, h, p, cache.data(), row.data());
    EXPECT_EQ(row, row_of(s, h, p)) << s << " " << h << " " << p;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Formats, CacheLayoutOf,
    testing::Combine(testing::Values(QuantId::kF32, QuantId::kF16, QuantId::kQ8_0),
                     testing::Values(TensorRole::kKeyCache, TensorRole::kValueCache),
                     testing::Values(1, 16, 37)));

TEST(OpenClCacheLayout, PutsSixteenKeysSideBySide) {
  const CacheLayout keys({.name = "k",
                          .role = TensorRole::kKeyCache,
                          .format = QuantId::kF16,
                          .dims = {16, 1, 32, 1}});
  std::vector<std::uint8_t> cache(keys.Bytes());
  std::vector<std::uint8_t> row(32);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::uint8_t>(i + 1);
  keys.Put(0, 0, 18, row.data(), cache.data());
  // Value 5 of position 18: block 1, then [5][18 % 16].
  EXPECT_EQ(cache[2 * (16 * 16 + 5 * 16 + 2)], row[10]);
}

TEST(OpenClCacheLayout, SaysWhichHeadsItCannotHold) {
  EXPECT_EQ(WhyNoCache(QuantId::kF16, 64), "");
  EXPECT_EQ(WhyNoCache(QuantId::kQ8_0, 96), "");
  EXPECT_NE(WhyNoCache(QuantId::kQ8_0, 80), "");
  EXPECT_NE(WhyNoCache(QuantId::kF16, 24), "");
  EXPECT_NE(WhyNoCache(QuantId::kF16, 512), "");
  EXPECT_NE(WhyNoCache(QuantId::kQ4_0, 64), "");
}

}  // namespace
}  // namespace inferometer::opencl
