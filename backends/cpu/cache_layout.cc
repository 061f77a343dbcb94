// Where each value of a cache's row stands within its head.
#include "backends/cpu/cache_layout.h"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

#include "models/quant/blocks.h"
#include "models/quant/formats.h"

namespace inferometer::cpu {
namespace {

constexpr std::int64_t kQ8Bytes = sizeof(BlockQ8_0);  // a half and 32 codes

}  // namespace

std::string WhyNoCache(QuantId format, std::int64_t head_dim) {
  if (format != QuantId::kF16 && format != QuantId::kQ8_0) {
    return fmt::format("a KV cache in {} is not supported, only f16 and q8_0",
                       FormatOf(format).name);
  }
  const std::int64_t multiple = format == QuantId::kQ8_0 ? 32 : 16;
  if (head_dim % multiple != 0 || head_dim > kMaxHeadDim) {
    return fmt::format(
        "heads of {} values are not supported with a KV cache in {}, only multiples of {} up to {}",
        head_dim, FormatOf(format).name, multiple, kMaxHeadDim);
  }
  return "";
}

CacheLayout::CacheLayout(const KernelSet& kernels, const TensorDesc& desc)
    : q8_0_(desc.format == QuantId::kQ8_0),
      keys_(desc.role == TensorRole::kKeyCache),
      rows_(kernels.rows),
      flipped_(kernels.offset_q8 ? 0x80808080u : 0),
      head_dim_(desc.dims[0]),
      row_bytes_(static_cast<std::int64_t>(
          inferometer::RowBytes(desc.format, static_cast<std::size_t>(desc.dims[0])))),
      padded_positions_((desc.dims[2] + kKeyBlock - 1) / kKeyBlock * kKeyBlock) {}

template <typename Row, typename Head>
void CacheLayout::Copy(std::int64_t position, Row* row, Head* head) const {
  auto copy = [row, head](std::int64_t row_at, std::int64_t head_at, std::size_t count) {
    if constexpr (std::is_const_v<Row>) {
      std::memcpy(head + head_at, row + row_at, count);
    } else {
      std::memcpy(row + row_at, head + head_at, count);
    }
  };
  if (!q8_0_ && !keys_) return copy(0, position * row_bytes_, static_cast<std::size_t>(row_bytes_));
  // Position r of a block: of 16, or of a group of rows of a packed matrix.
  const std::int64_t r = position % (q8_0_ && keys_ ? rows_ : kKeyBlock);
  const std::int64_t start = (position - r) * row_bytes_;
  if (!q8_0_) {
    for (std::int64_t d = 0; d < head_dim_; ++d) copy(2 * d, start + 2 * (kKeyBlock * d + r), 2);
    return;
  }
  const std::int64_t blocks = head_dim_ / 32;
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t at = b * kQ8Bytes;
    if (!keys_) {
      copy(at, start + 2 * (b * kKeyBlock + r), 2);
      copy(at + 2, start + 2 * kKeyBlock * blocks + r * head_dim_ + 32 * b, 32);
      continue;
    }
    const std::int64_t block = start + b * rows_ * kQ8Bytes;
    copy(at, block + 2 * r, 2);
    std::uint16_t scale;
    std::memcpy(&scale, row + at, 2);
    const std::uint32_t flipped = scale == 0 ? 0 : flipped_;
    for (std::int64_t step = 0; step < 8; ++step) {
      const std::int64_t row_at = at + 2 + 4 * step;
      const std::int64_t head_at = block + 2 * rows_ + 4 * (rows_ * step + r);
      std::uint32_t codes;
      std::memcpy(&codes, std::is_const_v<Row> ? row + row_at : head + head_at, 4);
      codes ^= flipped;
      if constexpr (std::is_const_v<Row>) {
        std::memcpy(head + head_at, &codes, 4);
      } else {
        std::memcpy(row + row_at, &codes, 4);
      }
    }
  }
}

void CacheLayout::Put(std::int64_t position, const std::uint8_t* row, std::uint8_t* head) const {
  Copy(position, row, head);
}

void CacheLayout::Get(std::int64_t position, const std::uint8_t* head, std::uint8_t* row) const {
  Copy(position, row, head);
}

}  // namespace inferometer::cpu
