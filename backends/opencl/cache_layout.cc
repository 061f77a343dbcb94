// Places of KV cache rows.
#include "backends/opencl/cache_layout.h"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

namespace inferometer::opencl {
namespace {

constexpr std::int64_t kBlock = 16;  // positions
constexpr std::int64_t kCodes = 32;  // of one q8_0 scale

}  // namespace

std::string WhyNoCache(QuantId format, std::int64_t head_dim) {
  if (format != QuantId::kF32 && format != QuantId::kF16 && format != QuantId::kBF16 &&
      format != QuantId::kQ8_0) {
    return fmt::format("a KV cache in {} is not supported, only f32, f16, bf16 and q8_0",
                       FormatOf(format).name);
  }
  const std::int64_t whole = format == QuantId::kQ8_0 ? kCodes : 16;
  if (head_dim % whole != 0 || head_dim > kMostHeadDim) {
    return fmt::format("heads of {} values are not supported in {}, only multiples of {} up to {}",
                       head_dim, FormatOf(format).name, whole, kMostHeadDim);
  }
  return "";
}

CacheLayout::CacheLayout(const TensorDesc& desc)
    : q8_0_(desc.format == QuantId::kQ8_0),
      keys_(desc.role == TensorRole::kKeyCache),
      head_dim_(desc.dims[0]),
      heads_(desc.dims[1]),
      padded_((desc.dims[2] + kBlock - 1) / kBlock * kBlock),
      element_bytes_(q8_0_ ? 1 : FormatOf(desc.format).block_bytes),
      row_bytes_(static_cast<std::int64_t>(
          ::inferometer::RowBytes(desc.format, static_cast<std::size_t>(desc.dims[0])))) {
  const auto rows = static_cast<std::uint64_t>(desc.dims[3] * heads_ * padded_);
  scales_at_ = rows * static_cast<std::uint64_t>(head_dim_ * element_bytes_);
  bytes_ = scales_at_ + (q8_0_ ? rows * static_cast<std::uint64_t>(head_dim_ / kCodes * 2) : 0);
}

template <typename Row, typename Cache>
void CacheLayout::Copy(std::int64_t sequence, std::int64_t head, std::int64_t position, Row* row,
                       Cache* cache) const {
  const std::int64_t first = (sequence * heads_ + head) * padded_;
  const auto copy = [](auto* a, auto* b, std::int64_t bytes) {
    if constexpr (std::is_const_v<Row>) {
      std::memcpy(b, a, static_cast<std::size_t>(bytes));
    } else {
      std::memcpy(a, b, static_cast<std::size_t>(bytes));
    }
  };
  // Element i of the position's `width` ones, in an array of the head's that begins at `base`.
  const auto place = [&](std::int64_t i, std::int64_t width) {
    return keys_
               ? first * width + position / kBlock * kBlock * width + i * kBlock + position % kBlock
               : (first + position) * width + i;
  };
  const std::int64_t run = keys_ ? 1 : q8_0_ ? kCodes : head_dim_;  // elements that stay together
  for (std::int64_t i = 0; i < head_dim_; i += run) {
    Row* from = q8_0_ ? row + i / kCodes * (kCodes + 2) + 2 + i % kCodes : row + i * element_bytes_;
    copy(from, cache + place(i, head_dim_) * element_bytes_, run * element_bytes_);
  }
  if (!q8_0_) return;
  const std::int64_t scales = head_dim_ / kCodes;
  for (std::int64_t i = 0; i < scales; ++i) {
    copy(row + i * (kCodes + 2), cache + scales_at_ + 2 * place(i, scales), 2);
  }
}

void CacheLayout::Put(std::int64_t sequence, std::int64_t head, std::int64_t position,
                      const std::uint8_t* row, std::uint8_t* cache) const {
  Copy(sequence, head, position, row, cache);
}

void CacheLayout::Get(std::int64_t sequence, std::int64_t head, std::int64_t position,
                      const std::uint8_t* cache, std::uint8_t* row) const {
  Copy(sequence, head, position, row, cache);
}

}  // namespace inferometer::opencl
