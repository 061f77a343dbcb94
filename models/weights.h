// The weights of a shape, by GGUF's names, and those of a file matched against them.
#ifndef INFEROMETER_MODELS_WEIGHTS_H_
#define INFEROMETER_MODELS_WEIGHTS_H_

#include <vector>

#include "models/gguf/gguf.h"
#include "models/shape.h"
#include "models/tensor.h"

namespace inferometer {

// The weights of a model of that shape with names, roles and dimensions; formats are f32. The order
// is token_embd, then layer by layer, then the head. Rope divisors are no weight.
std::vector<TensorDesc> WeightsOf(const ModelShape& shape);

// The weights of `file`, in its order, with roles and formats; `shape` is ShapeOf(file). Throws
// Error(kInvalidInput) naming the tensor when one is missing, has other dimensions than the shape
// says, or is one that the family does not have.
std::vector<TensorDesc> WeightsIn(const GgufFile& file, const ModelShape& shape);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_WEIGHTS_H_
