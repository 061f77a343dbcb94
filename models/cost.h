// The price of an op: what it must move and compute, whatever device runs it.
#ifndef INFEROMETER_MODELS_COST_H_
#define INFEROMETER_MODELS_COST_H_

#include <span>

#include "models/op.h"
#include "models/step.h"

namespace inferometer {

// `bytes`: weights (each once), KV cache read and written; activations are counted as free, since
// they stay in cache. `flops`: 2 per multiply-add of matmuls and attention, whatever number type
// the device uses for it; element-wise work is not counted.
struct Cost {
  double bytes = 0;
  double flops = 0;
};

// The cost of `op` in `step`. For ExpertMatMul the number of distinct experts read is not known
// before the router has run: with T tokens it is the expectation under uniform routing,
// E · (1 − (1 − used/E)^T), which for T = 1 is exactly `used`.
Cost CostOf(const Op& op, const Step& step);
Cost CostOf(std::span<const Op> ops, const Step& step);

// The number type whose peak bounds the op's flops on a device that multiplies quantized weights
// as int8, and f32, f16 and bf16 weights each in their own type; models/peaks.h says which peak
// that is.
NumberType ArithmeticOf(const Op& op);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_COST_H_
