// Weights in the layout that the kernels stream: rows interleaved in groups, one group after the
// other. See kernels/formats-inl.h for the bytes.
#ifndef INFEROMETER_BACKENDS_CPU_PACKING_H_
#define INFEROMETER_BACKENDS_CPU_PACKING_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "backends/cpu/kernel_set.h"
#include "models/quant/formats.h"

namespace inferometer::cpu {

struct PackedLayout {
  QuantId format = QuantId::kF32;
  int rows = 8;            // in a group
  bool offset_q8 = false;  // see KernelSet
  bool pairs = false;      // bf16 weights in pairs of columns
  std::int64_t in_width = 0, out_width = 0;

  std::int64_t Groups() const { return (out_width + rows - 1) / rows; }
  std::int64_t GroupBytes() const;
  std::int64_t Bytes() const { return Groups() * GroupBytes(); }
};

// Whether weights of that format are multiplied as int8.
bool IsQuantized(QuantId format);

PackedLayout LayoutFor(const KernelSet& kernels, QuantId format, std::int64_t in_width,
                       std::int64_t out_width);

// Packs the rows of group `group` from a matrix in GGUF's layout. Rows beyond out_width become
// zeros. Groups may be packed in any order and in parallel; `out` must have been zeroed.
void PackGroup(const PackedLayout& layout, std::int64_t group, std::span<const std::byte> matrix,
               std::uint8_t* out);

// Decodes one row of a packed matrix: for tables that are looked up as well as multiplied.
void DecodePackedRow(const PackedLayout& layout, const std::uint8_t* packed, std::int64_t row,
                     std::span<float> out);

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_PACKING_H_
