// Sizes of tensors, and refusal of impossible ones.
#include "models/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace inferometer {
namespace {

TEST(ByteSize, CountsBlocks) {
  EXPECT_EQ(ByteSize({"m", TensorRole::kMatrix, QuantId::kQ4_K, {512, 3, 1, 1}}), 2u * 144 * 3);
  EXPECT_EQ(ByteSize({"e", TensorRole::kMatrix, QuantId::kQ8_0, {64, 5, 7, 1}}), 2u * 34 * 35);
  EXPECT_EQ(ByteSize({"a", TensorRole::kActivation, QuantId::kF32, {10, 2, 1, 1}}), 80u);
  EXPECT_EQ(ByteSize({"i", TensorRole::kIndex, QuantId::kF16, {3, 2, 1, 1}}), 24u);
  EXPECT_EQ(ByteSize({"k", TensorRole::kKeyCache, QuantId::kF16, {64, 2, 100, 4}}), 102400u);
  EXPECT_EQ(ByteSize({"b", TensorRole::kBuffer, QuantId::kF32, {1000, 1, 1, 1}}), 1000u);
}

TEST(ByteSize, RefusesWhatCannotBe) {
  auto message = [](const TensorDesc& desc) -> std::string {
    try {
      ByteSize(desc);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  using testing::HasSubstr;
  EXPECT_THAT(message({"blk.7.x", TensorRole::kMatrix, QuantId::kQ4_0, {33, 1, 1, 1}}),
              HasSubstr("blk.7.x"));
  EXPECT_THAT(message({"t", TensorRole::kMatrix, QuantId::kF32, {4, 0, 1, 1}}),
              HasSubstr("not positive"));
  EXPECT_THAT(message({"t", TensorRole::kMatrix, QuantId::kF32, {4, -4, 1, 1}}),
              HasSubstr("not positive"));
  const std::int64_t huge = std::int64_t{1} << 40;
  EXPECT_THAT(message({"t", TensorRole::kMatrix, QuantId::kF32, {huge, huge, 1, 1}}),
              HasSubstr("overflows"));
}

}  // namespace
}  // namespace inferometer
