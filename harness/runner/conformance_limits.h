// What a single op may err by: the largest NMSE against the reference.
#ifndef INFEROMETER_HARNESS_RUNNER_CONFORMANCE_LIMITS_H_
#define INFEROMETER_HARNESS_RUNNER_CONFORMANCE_LIMITS_H_

#include <cstdint>

#include "models/op.h"
#include "models/quant/formats.h"

namespace inferometer {

// Limits of the NMSE for ops without quantized weights. fp32 in another order errs by about 1e-13;
// fast exponentials, sines and square roots of GPUs by up to 1e-9.
inline constexpr double kExact = 0;
inline constexpr double kDecoded = 1e-12;  // decoders may fuse a multiplication with an addition
inline constexpr double kFp32 = 1e-9;
inline constexpr double kTrigonometric = 1e-7;  // angles in fp32 lose bits at far positions
// A device may round queries and softmax weights to the cache's f16 (2^-12 relative, 2e-8 squared),
// and round to f16 in another direction than to nearest (2e-7).
inline constexpr double kF16 = 1e-6;

// Of values that go through a KV cache of that format. Over a q8_0 cache a device may multiply
// 8-bit codes of the queries with those of the keys, as matmuls do (models/quant/formats.cc):
// scores of variance 1 then err by 2.3e-5. An output is a mean of values weighted by e^score, so
// its error is the mean of (value - output) * error of the score, and as large against it; values
// add none. 1e-4 leaves what it leaves matmuls.
double CacheLimit(QuantId format);

// Of `values` results of products with normal weights of that format and normal inputs: the mean
// square of n errors scatters around what is expected by sqrt(2 / n) of it.
double MatMulLimit(const Format& format, std::int64_t values);

// Of any op, over `values` results.
double LimitOf(const Op& op, std::int64_t values);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_CONFORMANCE_LIMITS_H_
