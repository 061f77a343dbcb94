// Sizes of planes and parts, and the copy into them.
#include "backends/gpu/planes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "harness/base/error.h"

namespace inferometer::gpu {
namespace {

constexpr std::uint64_t kPlaneAlignment = 256;  // the largest storage offset alignment allowed
constexpr std::int64_t kFloatAlignment = 16;    // bytes that a row of floats is padded to

template <typename T>
T RoundUp(T value, T to) {
  return (value + to - 1) / to * to;
}

bool IsFloat(const PlaneFormat& planes) { return planes.quant_bits >= 16; }

// Of floats so many stand in a block.
std::int64_t BlockWeights(const PlaneFormat& planes) {
  return IsFloat(planes) ? kFloatAlignment * 8 / planes.quant_bits
                         : FormatOf(planes.format).block_weights;
}

// What one block owns of each plane, in bytes.
std::array<std::int64_t, 4> BytesOfBlock(const PlaneFormat& planes) {
  if (IsFloat(planes)) return {kFloatAlignment, 0, 0, 0};
  const std::int64_t weights = BlockWeights(planes), groups = weights / kGroup;
  std::int64_t scale_bits = 0, fine_bits = 0;
  switch (planes.scales) {
    case Scales::kNone:
      break;
    case Scales::kByte:
      scale_bits = 8 * groups;
      break;
    case Scales::kHalf:
      scale_bits = 16 * groups;
      break;
    case Scales::kHalfPair:
      scale_bits = 32 * groups;
      break;
    case Scales::kSuper:
      scale_bits = 16 * groups;
      break;
    case Scales::kHalfOf256:
      scale_bits = 2 * groups;
      fine_bits = 16 * groups;
      break;
  }
  return {weights * planes.quant_bits / 8, weights * planes.high_bits / 8, scale_bits / 8,
          fine_bits / 8};
}

MatrixPart PartOf(const MatrixLayout& layout, std::int64_t first, std::int64_t rows) {
  MatrixPart part{.first_row = first, .rows = rows};
  const auto bytes = BytesOfBlock(*layout.planes);
  const std::int64_t blocks = RoundUp(rows, layout.together) * layout.BlocksInRow();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    part.plane_bytes[i] = part.bytes;
    part.bytes += RoundUp(static_cast<std::uint64_t>(bytes[i] * blocks), kPlaneAlignment);
  }
  return part;
}

}  // namespace

const PlaneFormat* FindPlanes(QuantId format) {
  for (const PlaneFormat& planes : PlaneFormats()) {
    if (planes.format == format) return &planes;
  }
  return nullptr;
}

std::uint64_t MatrixLayout::Bytes() const {
  std::uint64_t bytes = 0;
  for (const MatrixPart& part : parts) bytes += part.bytes;
  return bytes;
}

std::int64_t MatrixLayout::BlocksInRow() const {
  const std::int64_t weights = BlockWeights(*planes);
  return (in_width + weights - 1) / weights;
}

MatrixLayout LayoutMatrix(QuantId format, std::int64_t in_width, std::int64_t rows,
                          std::uint64_t most_bytes, std::int64_t unit, std::int64_t together) {
  const PlaneFormat* planes = FindPlanes(format);
  if (planes == nullptr) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} has no layout for GPUs", FormatOf(format).name));
  }
  RowBytes(format, static_cast<std::size_t>(in_width));  // throws unless whole blocks
  MatrixLayout layout;
  layout.planes = planes;
  layout.in_width = in_width;
  layout.rows = rows;
  layout.together = together;
  // The largest number of units that fits: sizes grow with it.
  std::int64_t low = 0, high = rows / unit;
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    const bool fits = PartOf(layout, 0, middle * unit).bytes <= most_bytes;
    (fits ? low : high) = fits ? middle : middle - 1;
  }
  if (low == 0) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} rows of {} {} weights need {} bytes in one buffer, and the device "
                            "allows {}",
                            unit, in_width, FormatOf(format).name, PartOf(layout, 0, unit).bytes,
                            most_bytes));
  }
  layout.rows_in_part = low * unit;
  for (std::int64_t first = 0; first < rows; first += layout.rows_in_part) {
    layout.parts.push_back(PartOf(layout, first, std::min(layout.rows_in_part, rows - first)));
  }
  return layout;
}

void PackPart(const MatrixLayout& layout, const MatrixPart& part, std::span<const std::byte> data,
              std::byte* to, ThreadPool* pool) {
  const PlaneFormat& planes = *layout.planes;
  const Format& format = FormatOf(planes.format);
  const std::size_t row_bytes = RowBytes(planes.format, static_cast<std::size_t>(layout.in_width));
  const auto block_bytes = BytesOfBlock(planes);
  const std::int64_t blocks = layout.BlocksInRow();

  const auto pack_rows = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::byte* from =
          data.data() + static_cast<std::size_t>(part.first_row + row) * row_bytes;
      const std::byte* const row_end = from + row_bytes;
      std::array<std::byte*, 4> at{};
      for (std::size_t i = 0; i < at.size(); ++i) {
        at[i] = to + part.plane_bytes[i] + layout.BlockPlace(row, 0) * block_bytes[i];
      }
      for (std::int64_t block = 0; block < blocks; ++block) {
        if (planes.spread == nullptr) {
          std::memcpy(at[0], from, std::min<std::size_t>(kFloatAlignment, row_end - from));
          from += kFloatAlignment;
        } else {
          planes.spread(from, at);
          from += format.block_bytes;
        }
        for (std::size_t i = 0; i < at.size(); ++i) at[i] += layout.together * block_bytes[i];
      }
    }
  };
  if (pool == nullptr) {
    pack_rows(0, part.rows);
    return;
  }
  pool->Run([&](int worker) {
    pack_rows(part.rows * worker / pool->threads(), part.rows * (worker + 1) / pool->threads());
  });
}

}  // namespace inferometer::gpu
