// Element-wise kernels: exponential, norm, gate, int8 coding of activations, halves.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_ELEMENTWISE_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_ELEMENTWISE_INL_H_

#include <cstdint>
#include <cstring>

#include "backends/cpu/kernel_set.h"

namespace inferometer::cpu {

// e^x to about 2 units in the last place; 0 below -87, where single precision ends, and clamped
// above 88. x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 is split so that n ln 2 is exact (Cody, Waite
// 1980); e^r by its Taylor series to the 7th power, whose remainder is below 2^-27 there.
template <class V>
inline typename V::Floats Exp(typename V::Floats x) {
  x = V::Min(x, V::Set(88.0f));
  const auto clamped = V::Max(x, V::Set(-87.3f));
  const auto n = V::Round(V::Mul(clamped, V::Set(1.44269504f)));
  auto r = V::NegMulAdd(n, V::Set(0.693359375f), clamped);
  r = V::NegMulAdd(n, V::Set(-2.12194440e-4f), r);
  auto sum = V::Set(1.0f / 5040);
  sum = V::MulAdd(sum, r, V::Set(1.0f / 720));
  sum = V::MulAdd(sum, r, V::Set(1.0f / 120));
  sum = V::MulAdd(sum, r, V::Set(1.0f / 24));
  sum = V::MulAdd(sum, r, V::Set(1.0f / 6));
  sum = V::MulAdd(sum, r, V::Set(0.5f));
  sum = V::MulAdd(sum, r, V::Set(1.0f));
  sum = V::MulAdd(sum, r, V::Set(1.0f));
  return V::ZeroWhereBelow(V::TimesPowerOf2(sum, n), x, V::Set(-87.3f));
}

template <class V>
void GatedMulKernel(const float* gate, const float* up, float* out, std::int64_t n) {
  const auto one = V::Set(1.0f), zero = V::Set(0.0f);
  std::int64_t i = 0;
  for (; i + V::kRows <= n; i += V::kRows) {
    const auto g = V::LoadFloats(gate + i);
    const auto denominator = V::Add(one, Exp<V>(V::Sub(zero, g)));
    V::StoreFloats(out + i, V::Mul(V::Div(g, denominator), V::LoadFloats(up + i)));
  }
  for (; i < n; ++i) {
    float lanes[V::kRows];
    V::StoreFloats(lanes, Exp<V>(V::Set(-gate[i])));
    out[i] = gate[i] / (1.0f + lanes[0]) * up[i];
  }
}

template <class V>
float SumOfSquaresKernel(const float* in, std::int64_t n) {
  typename V::Floats sums[4] = {V::Set(0.0f), V::Set(0.0f), V::Set(0.0f), V::Set(0.0f)};
  std::int64_t i = 0;
  for (; i + 4 * V::kRows <= n; i += 4 * V::kRows) {
    for (int k = 0; k < 4; ++k) {
      const auto x = V::LoadFloats(in + i + k * V::kRows);
      sums[k] = V::MulAdd(x, x, sums[k]);
    }
  }
  float rest = 0;
  for (; i < n; ++i) rest += in[i] * in[i];
  return rest + V::ReduceAdd(V::Add(V::Add(sums[0], sums[1]), V::Add(sums[2], sums[3])));
}

template <class V>
void ScaleByKernel(const float* in, const float* weight, float factor, float* out, std::int64_t n) {
  const auto f = V::Set(factor);
  std::int64_t i = 0;
  for (; i + V::kRows <= n; i += V::kRows) {
    V::StoreFloats(out + i, V::Mul(V::Mul(V::LoadFloats(in + i), f), V::LoadFloats(weight + i)));
  }
  for (; i < n; ++i) out[i] = in[i] * factor * weight[i];
}

// 32 values at a time: scale = largest magnitude / 127, codes rounded to nearest.
template <class V>
void QuantizeKernel(const float* in, std::int64_t n, std::int8_t* codes, float* scales,
                    float* sums32, float* sums16) {
  constexpr int kVectors = 32 / V::kRows;
  for (std::int64_t block = 0; block < n / 32; ++block) {
    typename V::Floats x[kVectors];
    auto largest = V::Set(0.0f);
    for (int v = 0; v < kVectors; ++v) {
      x[v] = V::LoadFloats(in + 32 * block + v * V::kRows);
      largest = V::Max(largest, V::Abs(x[v]));
    }
    const float magnitude = V::ReduceMax(largest);
    const float scale = magnitude / 127.0f;
    const auto inverse = V::Set(magnitude > 0 ? 127.0f / magnitude : 0.0f);
    std::int32_t sums[2] = {0, 0};
    for (int half = 0; half < 2; ++half) {
      auto sum = V::ZeroInts();
      for (int v = half * kVectors / 2; v < (half + 1) * kVectors / 2; ++v) {
        const auto code = V::RoundToInts(V::Mul(x[v], inverse));
        V::StoreAsInt8(codes + 32 * block + v * V::kRows, code);
        sum = V::AddInts(sum, code);
      }
      sums[half] = V::ReduceAddInts(sum);
    }
    scales[block] = scale;
    sums16[2 * block] = scale * static_cast<float>(sums[0]);
    sums16[2 * block + 1] = scale * static_cast<float>(sums[1]);
    sums32[block] = scale * static_cast<float>(sums[0] + sums[1]);
  }
}

template <class V>
void ToHalfKernel(const float* in, std::uint16_t* out, std::int64_t n) {
  std::int64_t i = 0;
  for (; i + V::kRows <= n; i += V::kRows) V::StoreHalf(out + i, V::LoadFloats(in + i));
  if (i < n) {
    float lanes[V::kRows] = {};
    std::uint16_t halves[V::kRows];
    for (std::int64_t k = i; k < n; ++k) lanes[k - i] = in[k];
    V::StoreHalf(halves, V::LoadFloats(lanes));
    for (std::int64_t k = i; k < n; ++k) out[k] = halves[k - i];
  }
}

// As EncodeQ8_0 of models/quant does, in single precision: a value that lies within a rounding
// error of the middle between two codes may get the other one.
template <class V>
void ToBlocksKernel(const float* in, std::uint8_t* blocks, std::int64_t n) {
  constexpr int kVectors = 32 / V::kRows;
  for (std::int64_t b = 0; b < n / 32; ++b, blocks += 34) {
    typename V::Floats x[kVectors];
    auto largest = V::Set(0.0f);
    for (int v = 0; v < kVectors; ++v) {
      x[v] = V::LoadFloats(in + 32 * b + v * V::kRows);
      largest = V::Max(largest, V::Abs(x[v]));
    }
    // The scale rounded to a half, at most the largest finite one, and what it became.
    const float magnitude = V::ReduceMax(largest), scale = magnitude / 127.0f;
    std::uint16_t halves[V::kRows];
    float scales[V::kRows];
    V::StoreHalf(halves, V::Set(scale < 65504.0f ? scale : 65504.0f));
    V::StoreFloats(scales, V::LoadHalf(reinterpret_cast<const std::uint8_t*>(halves)));
    const auto inverse = V::Set(scales[0] > 0 ? 1.0f / scales[0] : 0.0f);
    std::memcpy(blocks, halves, 2);
    for (int v = 0; v < kVectors; ++v) {
      // A scale among the subnormal halves may have been rounded far down.
      const auto code = V::Max(V::Min(V::Mul(x[v], inverse), V::Set(127.0f)), V::Set(-127.0f));
      V::StoreAsInt8(reinterpret_cast<std::int8_t*>(blocks + 2 + v * V::kRows),
                     V::RoundToInts(code));
    }
  }
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_ELEMENTWISE_INL_H_
