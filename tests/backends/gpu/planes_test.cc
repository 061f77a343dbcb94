// Weights unpacked from their planes by what planes.h draws equal the codec's, in every format.
#include "backends/gpu/planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "models/quant/blocks.h"

namespace inferometer::gpu {
namespace {

// Reads words of a part as a shader does: no byte of the plane is read otherwise.
class Words {
 public:
  explicit Words(const std::vector<std::byte>& bytes) : bytes_(bytes) {}
  std::uint32_t At(std::uint64_t byte, std::int64_t word) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + byte + 4 * static_cast<std::uint64_t>(word), 4);
    return value;
  }
  float Half(std::uint64_t byte, std::int64_t index) const {
    return F16ToF32(static_cast<std::uint16_t>(At(byte, index / 2) >> (16 * (index % 2))));
  }

 private:
  const std::vector<std::byte>& bytes_;
};

// Weight `i` of row `row` of a part, by the drawing alone. `center` is what the format takes off.
float Unpack(const MatrixLayout& layout, const MatrixPart& part, const Words& words,
             std::int64_t row, std::int64_t i) {
  const PlaneFormat& planes = *layout.planes;
  const auto& [quants, high, scales, fine] = part.plane_bytes;
  const std::int64_t in_block =
      planes.quant_bits >= 16 ? 128 / planes.quant_bits : FormatOf(planes.format).block_weights;
  const std::int64_t place = layout.BlockPlace(row, i / in_block);
  if (planes.quant_bits == 32) {
    return std::bit_cast<float>(words.At(quants, place * 4 + i % 4));
  }
  if (planes.quant_bits == 16) {
    const std::uint32_t word = words.At(quants, place * 4 + i % 8 / 2);
    const auto bits = static_cast<std::uint16_t>(word >> (16 * (i % 2)));
    return planes.format == QuantId::kF16 ? F16ToF32(bits) : BF16ToF32(bits);
  }
  const std::int64_t group = (place * in_block + i % in_block) / kGroup;
  const int in_group = static_cast<int>(i % kGroup);
  const int half = in_group / 16, w = in_group % 16 / 4, byte = in_group % 4;
  int q = 0;
  if (planes.quant_bits == 8) {
    const std::uint32_t word = words.At(quants, group * 8 + in_group / 4);
    q = static_cast<std::int8_t>(word >> (8 * byte));
  } else {
    q = static_cast<int>(words.At(quants, group * 4 + w) >> (8 * byte + 4 * half) & 15);
  }
  if (planes.high_bits == 1) {
    q |= static_cast<int>(words.At(high, group) >> (8 * byte + w + 4 * half) & 1) << 4;
  } else if (planes.high_bits == 2) {
    q |= static_cast<int>(words.At(high, group * 2 + half) >> (8 * byte + 2 * w) & 3) << 4;
  }
  switch (planes.scales) {
    case Scales::kByte: {
      constexpr std::int8_t kValues[16] = {QUANT_MXFP4_VALUES};
      const auto e = static_cast<int>(words.At(scales, group / 4) >> (8 * (group % 4)) & 255);
      return std::ldexp(static_cast<float>(kValues[q]), e - 128);
    }
    case Scales::kHalf: {
      constexpr std::int8_t kValues[16] = {QUANT_IQ4_NL_VALUES};
      if (planes.format == QuantId::kIQ4_NL) {
        return words.Half(scales, group) * static_cast<float>(kValues[q]);
      }
      const int center = planes.quant_bits == 8 ? 0 : 8 << planes.high_bits;
      return words.Half(scales, group) * static_cast<float>(q - center);
    }
    case Scales::kHalfPair:
      return words.Half(scales, 2 * group) * static_cast<float>(q) +
             words.Half(scales, 2 * group + 1);
    case Scales::kSuper: {
      const std::int64_t super = group / 8 * 4;
      const int g = static_cast<int>(group % 8);
      const std::uint32_t tops = words.At(scales, super + 3);
      const auto scale = static_cast<float>((words.At(scales, super + 1) >> (4 * g) & 15) |
                                            (tops >> (2 * g) & 3) << 4);
      const auto min = static_cast<float>((words.At(scales, super + 2) >> (4 * g) & 15) |
                                          (tops >> (16 + 2 * g) & 3) << 4);
      return words.Half(scales, 2 * super) * scale * static_cast<float>(q) -
             words.Half(scales, 2 * super + 1) * min;
    }
    case Scales::kHalfOf256: {
      const std::int64_t sixteen = group * 2 + half;
      const auto scale =
          static_cast<std::int8_t>(words.At(fine, sixteen / 4) >> (8 * (sixteen % 4)));
      return words.Half(scales, group / 8) * scale * static_cast<float>(q - 32);
    }
    case Scales::kNone:
      break;
  }
  return 0;
}

class EveryFormat : public testing::TestWithParam<QuantId> {};

TEST_P(EveryFormat, UnpacksToWhatTheCodecDecodes) {
  const Format& format = FormatOf(GetParam());
  ThreadPool pool(2);
  const std::int64_t block = format.block_weights;
  for (const std::int64_t width : {block, 3 * block, 5 * block + (block == 1 ? 6 : 0)}) {
    for (const std::int64_t rows : {1, 2, 7, 33}) {
      const auto count = static_cast<std::size_t>(width * rows);
      std::vector<float> weights(count), expected(count);
      Random random(static_cast<std::uint64_t>(width * 1000 + rows));
      for (float& w : weights) w = static_cast<float>(random.Uniform() * 4 - 2);
      std::vector<std::byte> file(static_cast<std::size_t>(rows) *
                                  RowBytes(format.id, static_cast<std::size_t>(width)));
      format.encode(weights, file.data());
      format.decode(file.data(), expected);

      constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 40;
      for (const std::int64_t together : {1, 8}) {
        const auto lay_out = [&](std::int64_t of, std::uint64_t most) {
          return LayoutMatrix(format.id, width, of, most, 1, together);
        };
        const std::uint64_t whole = lay_out(rows, kNoLimit).Bytes();
        const std::uint64_t least = lay_out(1, kNoLimit).Bytes();
        for (const std::uint64_t most : {whole, std::max(least, whole / 2)}) {
          const MatrixLayout layout = lay_out(rows, most);
          std::int64_t next = 0;
          for (const MatrixPart& part : layout.parts) {
            EXPECT_EQ(part.first_row, next);
            EXPECT_LE(part.bytes, most);
            next += part.rows;
            std::vector<std::byte> packed(part.bytes);
            PackPart(layout, part, file, packed.data(), part.rows % 2 == 0 ? &pool : nullptr);
            const Words words(packed);
            for (std::int64_t row = 0; row < part.rows; ++row) {
              for (std::int64_t i = 0; i < width; ++i) {
                const auto at = static_cast<std::size_t>((part.first_row + row) * width + i);
                ASSERT_EQ(Unpack(layout, part, words, row, i), expected[at])
                    << width << "x" << rows << ", row " << part.first_row + row << ", weight " << i;
              }
            }
          }
          EXPECT_EQ(next, rows);
        }
      }
    }
  }
}

// Every bit of the file has one place, and no format grows by more than its padding.
TEST_P(EveryFormat, TakesTheFilesBytes) {
  const Format& format = FormatOf(GetParam());
  const std::int64_t width = 2048, rows = 512;
  const MatrixLayout layout = LayoutMatrix(format.id, width, rows, std::uint64_t{1} << 40);
  const std::uint64_t file = rows * RowBytes(format.id, width);
  EXPECT_GE(layout.Bytes(), file);
  EXPECT_LE(layout.Bytes(), file + 4 * 256);
}

std::vector<QuantId> Packed() {
  std::vector<QuantId> ids;
  for (const PlaneFormat& planes : PlaneFormats()) ids.push_back(planes.format);
  return ids;
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat, testing::ValuesIn(Packed()),
                         [](const auto& p) { return std::string(FormatOf(p.param).name); });

TEST(LayoutMatrix, KeepsExpertsWhole) {
  const std::uint64_t one = LayoutMatrix(QuantId::kQ4_K, 256, 24, 1 << 20).Bytes();
  const MatrixLayout layout = LayoutMatrix(QuantId::kQ4_K, 256, 24 * 5, 2 * one, 24);
  ASSERT_EQ(layout.parts.size(), 3u);
  for (const MatrixPart& part : layout.parts) EXPECT_EQ(part.rows % 24, 0);
}

TEST(LayoutMatrix, RefusesWhatNoBufferHolds) {
  EXPECT_THROW(LayoutMatrix(QuantId::kF32, 1 << 20, 4, 1 << 20), Error);
  EXPECT_THROW(LayoutMatrix(QuantId::kQ4_K, 128, 4, 1 << 20), Error);  // half a block
}

}  // namespace
}  // namespace inferometer::gpu
