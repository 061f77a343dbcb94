// binary16 and bfloat16: every value there and back, and rounding at the places that go wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "harness/base/random.h"
#include "models/quant/formats.h"

namespace inferometer {
namespace {

// The value that the definition of binary16 gives (IEEE 754-2008, 3.4).
double Defined(std::uint16_t bits) {
  const int sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  return exponent == 0 ? sign * std::ldexp(mantissa, -24)
                       : sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(Half, EveryF16ThereAndBack) {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    const float value = F16ToF32(bits);
    if ((bits & 0x7c00) != 0x7c00) {
      ASSERT_EQ(value, Defined(bits)) << i;
      ASSERT_EQ(std::signbit(value), bits >> 15 != 0) << i;
      ASSERT_EQ(F32ToF16(value), bits);
    } else if (bits & 0x3ff) {
      ASSERT_TRUE(std::isnan(value)) << i;
      ASSERT_EQ(F32ToF16(value), bits | 0x200) << i;  // quiet, payload kept
    } else {
      ASSERT_TRUE(std::isinf(value)) << i;
      ASSERT_EQ(F32ToF16(value), bits);
    }
  }
}

TEST(Half, EveryBF16ThereAndBack) {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    const float value = BF16ToF32(bits);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(BF16ToF32(F32ToBF16(value)))) << i;
    } else {
      ASSERT_EQ(F32ToBF16(value), bits) << i;
    }
  }
}

// Between each two neighbours: just below the middle goes down, just above goes up, the middle to
// the even one.
TEST(Half, F16RoundsToNearestEven) {
  for (std::uint32_t i = 0; i < 0x7bff; ++i) {
    const auto low = static_cast<std::uint16_t>(i), high = static_cast<std::uint16_t>(i + 1);
    const float middle = static_cast<float>((Defined(low) + Defined(high)) / 2);  // exact
    ASSERT_EQ(F32ToF16(middle), i % 2 ? high : low) << i;
    ASSERT_EQ(F32ToF16(std::nextafter(middle, 0.0f)), low) << i;
    ASSERT_EQ(F32ToF16(std::nextafter(middle, 1e9f)), high) << i;
    ASSERT_EQ(F32ToF16(-middle), 0x8000 | (i % 2 ? high : low)) << i;
  }
}

TEST(Half, F16Extremes) {
  EXPECT_EQ(F32ToF16(65504.0f), 0x7bff);
  EXPECT_EQ(F32ToF16(65519.99f), 0x7bff);
  EXPECT_EQ(F32ToF16(65520.0f), 0x7c00);  // the middle to 65536, which is even
  EXPECT_EQ(F32ToF16(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(F32ToF16(-std::numeric_limits<float>::infinity()), 0xfc00);
  EXPECT_EQ(F32ToF16(0x1p-25f), 0);
  EXPECT_EQ(F32ToF16(std::nextafter(0x1p-25f, 1.0f)), 1);
  EXPECT_EQ(F32ToF16(std::numeric_limits<float>::denorm_min()), 0);
}

TEST(Half, BF16RoundsToNearestEven) {
  EXPECT_EQ(F32ToBF16(1.0f + 0x1p-8f), 0x3f80);  // middle, even below
  EXPECT_EQ(F32ToBF16(1.0f + 0x1p-7f + 0x1p-8f), 0x3f82);
  EXPECT_EQ(F32ToBF16(std::nextafter(1.0f + 0x1p-8f, 2.0f)), 0x3f81);
  EXPECT_EQ(F32ToBF16(std::numeric_limits<float>::max()), 0x7f80);
}

}  // namespace
}  // namespace inferometer
