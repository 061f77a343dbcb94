// The weights of a GGUF file, matched against those that its shape needs.
#ifndef INFEROMETER_MODELS_WEIGHTS_H_
#define INFEROMETER_MODELS_WEIGHTS_H_

#include <vector>

#include "models/gguf/gguf.h"
#include "models/shape.h"
#include "models/tensor.h"

namespace inferometer {

// The weights of `file`, in its order, with roles and formats; `shape` is ShapeOf(file). Tensors
// that are known to change nothing are left out. Throws Error(kInvalidInput) naming the tensor when
// one is missing, has other dimensions than the shape says, or is one that the family does not
// have.
std::vector<TensorDesc> WeightsIn(const GgufFile& file, const ModelShape& shape);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_WEIGHTS_H_
