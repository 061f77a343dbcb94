// Packed weights hold exactly what the GGUF blocks held.
#include "backends/cpu/packing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "harness/base/random.h"

namespace inferometer::cpu {
namespace {

// Random blocks with finite scales: every code and every small scale occurs.
std::vector<std::byte> RandomMatrix(const Format& format, std::int64_t in, std::int64_t out) {
  std::vector<float> weights(static_cast<std::size_t>(in * out));
  Random random(7);
  for (float& weight : weights) weight = random.Normal();
  std::vector<std::byte> blocks(RowBytes(format.id, weights.size()));
  format.encode(weights, blocks.data());
  return blocks;
}

std::vector<QuantId> AllFormats() {
  std::vector<QuantId> ids;
  for (const Format& format : Formats()) ids.push_back(format.id);
  return ids;
}

// Formats, rows in a group, and whether the kernels want q8_0 unsigned and bf16 in pairs.
class Packing : public testing::TestWithParam<std::tuple<QuantId, int, bool>> {};

TEST_P(Packing, RowsReadBackBitForBit) {
  const auto [id, rows, offset] = GetParam();
  const Format& format = FormatOf(id);
  const std::int64_t in = 512, out = 2 * rows + 3;  // the last group is not full
  const std::vector<std::byte> matrix = RandomMatrix(format, in, out);
  KernelSet kernels{};
  kernels.rows = rows;
  kernels.offset_q8 = offset;
  kernels.brain_form = offset ? "pairs" : nullptr;
  const PackedLayout layout = LayoutFor(kernels, id, in, out);
  EXPECT_EQ(layout.Groups(), 3);
  std::vector<std::uint8_t> packed(static_cast<std::size_t>(layout.Bytes()));
  for (std::int64_t group = 0; group < layout.Groups(); ++group) {
    PackGroup(layout, group, matrix, packed.data());
  }
  std::vector<float> want(static_cast<std::size_t>(in)), got(want.size());
  for (std::int64_t row = 0; row < out; ++row) {
    format.decode(matrix.data() + static_cast<std::size_t>(row) * RowBytes(id, want.size()), want);
    DecodePackedRow(layout, packed.data(), row, got);
    for (std::size_t i = 0; i < want.size(); ++i) {
      ASSERT_FLOAT_EQ(got[i], want[i]) << format.name << " row " << row << " column " << i;
    }
  }
}

TEST(PackingPairs, AnOddColumnHasAZeroBesideIt) {
  constexpr std::int64_t kIn = 5, kOut = 3;
  const std::vector<std::byte> matrix = RandomMatrix(FormatOf(QuantId::kBF16), kIn, kOut);
  KernelSet kernels{};
  kernels.rows = 8;
  kernels.brain_form = "pairs";
  const PackedLayout layout = LayoutFor(kernels, QuantId::kBF16, kIn, kOut);
  EXPECT_EQ(layout.Bytes(), 6 * 8 * 2);
  std::vector<std::uint8_t> packed(static_cast<std::size_t>(layout.Bytes()));
  PackGroup(layout, 0, matrix, packed.data());
  std::vector<float> want(kIn), got(kIn);
  for (std::int64_t row = 0; row < kOut; ++row) {
    FormatOf(QuantId::kBF16).decode(matrix.data() + row * kIn * 2, want);
    DecodePackedRow(layout, packed.data(), row, got);
    EXPECT_EQ(got, want);
    std::uint16_t beside;
    std::memcpy(&beside, packed.data() + ((kIn / 2 * 8 + row) * 2 + 1) * 2, sizeof beside);
    EXPECT_EQ(beside, 0);
  }
}

TEST_P(Packing, CostsAtMostThreePercentMoreThanTheFile) {
  const auto [id, rows, offset] = GetParam();
  KernelSet kernels{};
  kernels.rows = rows;
  const PackedLayout layout = LayoutFor(kernels, id, 2048, 2048);
  EXPECT_LE(static_cast<double>(layout.Bytes()),
            1.03 * static_cast<double>(2048 * RowBytes(id, 2048)))
      << FormatOf(id).name;
}

INSTANTIATE_TEST_SUITE_P(All, Packing,
                         testing::Combine(testing::ValuesIn(AllFormats()), testing::Values(8, 16),
                                          testing::Bool()),
                         [](const auto& param_info) {
                           return std::string(FormatOf(std::get<0>(param_info.param)).name) +
                                  "_rows" + std::to_string(std::get<1>(param_info.param)) +
                                  (std::get<2>(param_info.param) ? "_offset" : "_plain");
                         });

}  // namespace
}  // namespace inferometer::cpu
