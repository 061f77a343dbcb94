// Buffers: zeroed, aligned, in the pages that were asked for.
#include "harness/base/huge_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace inferometer {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

bool AllZero(const HugeBuffer& buffer) {
  return std::all_of(buffer.data(), buffer.data() + buffer.size(),
                     [](std::byte b) { return b == std::byte{0}; });
}

TEST(HugeBuffer, IsZeroAndAlignedHoweverItIsAskedFor) {
  for (const bool huge : {false, true}) {
    for (const bool touch : {false, true}) {
      for (const std::size_t size : {std::size_t{1}, 100 * std::size_t{1024}, 5 * kMiB + 3}) {
        const HugeBuffer buffer(size, {.huge = huge, .touch = touch});
        EXPECT_EQ(buffer.size(), size);
        EXPECT_TRUE(AllZero(buffer));
        const auto address = reinterpret_cast<std::uintptr_t>(buffer.data());
        EXPECT_EQ(address % (size >= 2 * kMiB ? 2 * kMiB : 64), 0u) << size;
      }
    }
  }
}

TEST(HugeBuffer, MovesWithItsMemory) {
  HugeBuffer a(3 * kMiB), b(100);
  a.data()[7] = std::byte{9};
  std::byte* const place = a.data();
  b = std::move(a);
  EXPECT_EQ(b.data(), place);
  const HugeBuffer c = std::move(b);
  EXPECT_EQ(c.data()[7], std::byte{9});
  EXPECT_EQ(c.size(), 3 * kMiB);
}

TEST(HugeBuffer, PageSizesArePowersOfTwoAndHugeIsNoSmaller) {
  const std::size_t small = SmallPageBytes(), huge = HugePageBytes();
  EXPECT_GE(small, 4096u);
  EXPECT_EQ(small & (small - 1), 0u);
  EXPECT_EQ(huge & (huge - 1), 0u);
  EXPECT_GE(huge, small);
  EXPECT_EQ(HugePageBytes(), huge);
}

}  // namespace
}  // namespace inferometer
