// MatMul: rows of weights are decoded when used, then multiplied with all rows of activations.
#include "backends/reference/matmul.h"

#include <vector>

#include "backends/reference/ops.h"
#include "backends/reference/parallel.h"

namespace inferometer::reference {
namespace {

// Rows of activations that are multiplied at once. They stand transposed, [input][lane], and each
// lane keeps its own sum, so that no sum is reordered:
//   sums[0..15] += weight[k] * x[k][0..15]
constexpr int kLanes = 16;

// Four lanes. The element-wise operators of this type are those of GCC and clang on any processor;
// plain loops over the lanes cost g++ 12 most of its speed (it transposes them back).
using Four = float __attribute__((vector_size(16), aligned(4), may_alias));

void DotLanes(const float* weights, const float* x, std::int64_t width, float* sums) {
  Four a{}, b{}, c{}, d{};
  const auto* lanes = reinterpret_cast<const Four*>(x);
  for (std::int64_t k = 0; k < width; ++k, lanes += 4) {
    a += weights[k] * lanes[0];
    b += weights[k] * lanes[1];
    c += weights[k] * lanes[2];
    d += weights[k] * lanes[3];
  }
  auto* out = reinterpret_cast<Four*>(sums);
  out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

float Dot(const float* weights, const float* x, std::int64_t width) {
  float sum = 0;
  for (std::int64_t k = 0; k < width; ++k) sum += weights[k] * x[k];
  return sum;
}

// The first whole multiples of kLanes rows, transposed tile by tile: [tile][input][lane].
std::vector<float> Transpose(std::span<const float* const> in, std::int64_t width) {
  const std::size_t tiles = in.size() / kLanes;
  std::vector<float> transposed(tiles * kLanes * static_cast<std::size_t>(width));
  for (std::size_t row = 0; row < tiles * kLanes; ++row) {
    float* tile = transposed.data() + row / kLanes * kLanes * static_cast<std::size_t>(width);
    for (std::int64_t k = 0; k < width; ++k) {
      tile[k * kLanes + static_cast<std::int64_t>(row % kLanes)] = in[row][k];
    }
  }
  return transposed;
}

}  // namespace

void Multiply(const Matrix& matrix, const float* bias, bool accumulate,
              std::span<const float* const> in, std::span<float* const> out) {
  const Format& format = FormatOf(matrix.format);
  const auto width = static_cast<std::size_t>(matrix.in_width);
  const std::size_t row_bytes = RowBytes(matrix.format, width);
  const std::vector<float> transposed = Transpose(in, matrix.in_width);
  const std::size_t in_tiles = in.size() / kLanes * kLanes;

  const double flops = 2.0 * static_cast<double>(matrix.in_width) *
                       static_cast<double>(matrix.out_width) * static_cast<double>(in.size() + 1);
  ForSlices(matrix.out_width, flops, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> weights(width), sums(in.size());
    for (std::int64_t o = begin; o < end; ++o) {
      format.decode(matrix.rows + static_cast<std::size_t>(o) * row_bytes, weights);
      for (std::size_t r = 0; r < in_tiles; r += kLanes) {
        DotLanes(weights.data(), transposed.data() + r * width, matrix.in_width, sums.data() + r);
      }
      for (std::size_t r = in_tiles; r < in.size(); ++r) {
        sums[r] = Dot(weights.data(), in[r], matrix.in_width);
      }
      for (std::size_t r = 0; r < in.size(); ++r) {
        const float value = bias != nullptr ? sums[r] + bias[o] : sums[r];
        out[r][o] = accumulate ? out[r][o] + value : value;
      }
    }
  });
}

void Compute(const MatMul& op, const Scope& scope) {
  const Matrix matrix{op.format, scope.tensors.Bytes(op.weight).data(), op.in_width, op.out_width};
  const float* bias = op.bias == kNoTensor ? nullptr : scope.tensors.Floats(op.bias).data();
  std::vector<const float*> in;
  std::vector<float*> out;
  for (std::int64_t row = 0; row < scope.Count(op.rows); ++row) {
    in.push_back(scope.Row(op.in, row, op.in_width));
    out.push_back(scope.Row(op.out, row, op.out_width));
  }
  Multiply(matrix, bias, op.accumulate, in, out);
}

}  // namespace inferometer::reference
