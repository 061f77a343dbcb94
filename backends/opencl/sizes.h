// Sizes of work in which devices differ, so that they may be chosen by trying.
#ifndef INFEROMETER_BACKENDS_OPENCL_SIZES_H_
#define INFEROMETER_BACKENDS_OPENCL_SIZES_H_

#include <cstdint>

namespace inferometer::opencl {

struct Sizes {
  // matvec.cl: wide, groups for each unit, in which rows are shared out; else work-items of a
  // group.
  std::int64_t groups_per_unit = 16, matvec_items = 64;
  // gemm_wide.cl: rows, and blocks of 16 columns, of a work-item.
  std::int64_t gemm_rows = 8, gemm_blocks = 2;
  bool tuned = false;  // chosen by trying

  bool operator==(const Sizes&) const = default;
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_SIZES_H_
