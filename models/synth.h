// Synthetic models: which tensors a shape has, and seeded weights for them.
#ifndef INFEROMETER_MODELS_SYNTH_H_
#define INFEROMETER_MODELS_SYNTH_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/model.h"
#include "models/shape.h"
#include "models/tensor.h"

namespace inferometer {

// The weights of a model in GGUF's names, formats and roles, in the order in which llama.cpp's
// quantizer writes them: those without a layer first, then layer by layer, each by name. Includes
// rope_freqs.weight where the shape has llama 3 scaling. Throws Error(kUsage) for an unknown quant,
// Error(kInvalidInput) for an impossible shape.
std::vector<TensorDesc> ModelTensors(const ModelShape& shape, std::string_view quant);

// SynthesizeModel of model.h with the number of threads that load() may use; the bytes do not
// depend on it. Copies of the model share one buffer: a span from load() lasts until the next call
// on any of them.
Model SynthesizeModel(const ModelShape& shape, std::string_view quant, std::uint64_t seed,
                      int threads);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_SYNTH_H_
