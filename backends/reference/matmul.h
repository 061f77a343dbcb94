// One weight matrix times any set of rows: the core of MatMul and ExpertMatMul.
#ifndef INFEROMETER_BACKENDS_REFERENCE_MATMUL_H_
#define INFEROMETER_BACKENDS_REFERENCE_MATMUL_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/quant/formats.h"

namespace inferometer::reference {

struct Matrix {
  QuantId format;
  const std::byte* rows;  // out_width rows of in_width weights
  std::int64_t in_width, out_width;
};

// out[r][o] = matrix[o] · in[r] (+ bias[o]), or += when `accumulate`. `bias` may be null. Each sum
// runs over the inputs in order in fp32, so a row's result depends neither on the other rows nor on
// the number of threads.
void Multiply(const Matrix& matrix, const float* bias, bool accumulate,
              std::span<const float* const> in, std::span<float* const> out);

}  // namespace inferometer::reference

#endif  // INFEROMETER_BACKENDS_REFERENCE_MATMUL_H_
