// The op-level benchmarks of a model: each op of its plan by itself, once for each shape.
#ifndef INFEROMETER_HARNESS_KERNELS_KERNEL_CASE_H_
#define INFEROMETER_HARNESS_KERNELS_KERNEL_CASE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/model.h"
#include "models/op.h"
#include "models/step.h"

namespace inferometer {

struct KernelPoints {
  std::vector<std::int64_t> tokens{1, 512};   // in one step: decode and prefill
  std::vector<std::int64_t> depths{0, 2048};  // positions that attention finds in the cache
  std::vector<QuantId> kv{QuantId::kF16};     // formats of the cache
};

// One op. TensorIds in `op` index `tensors`, and no tensor is used twice, so that running the op
// again and again computes the same every time. Activations have room for the step and no more.
struct KernelCase {
  std::string name;  // "matmul/q4_k/4096x14336/tokens:1": op, format, shape, step; no device
  Op op;
  std::vector<TensorDesc> tensors;
  std::vector<TokenAt> tokens;
};

// The ops of the models' plans at all points, each name once, in the order of a forward pass.
// Accumulation and biases are left out: they cost next to nothing beside the product. Ops that work
// on outputs only are there for one output. Allocates nothing of the models' size.
std::vector<KernelCase> KernelCases(std::span<const Model> models, const KernelPoints& points);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_KERNELS_KERNEL_CASE_H_
