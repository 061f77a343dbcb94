// A model: its shape, what its weights are stored as, and a way to get their bytes.
#ifndef INFEROMETER_MODELS_MODEL_H_
#define INFEROMETER_MODELS_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/shape.h"
#include "models/tensor.h"

namespace inferometer {

struct Model {
  std::string name;   // standard name, or the file's name without folder and extension
  std::string quant;  // "q4_k_m"; for a file: what most of its matrix bytes are stored as
  std::string path;   // empty: synthetic
  ModelShape shape;
  std::vector<TensorDesc> tensors;  // the weights, in the file's order; role set by name
  std::uint64_t bytes = 0;          // of all tensors
  // The bytes of tensors[i], valid until the next call or until the model is gone. Throws Error.
  std::function<std::span<const std::byte>(std::size_t i)> load;
};

// The index of the weight with that GGUF name, or -1.
std::int64_t FindTensor(const Model& model, std::string_view name);

// Opens a GGUF file (mapped, checked; weights are read when loaded). Throws Error(kInvalidInput).
Model OpenModel(const std::string& path);

// Synthetic weights for a shape: the same bytes everywhere for the same arguments. `quant` is a
// format ("q8_0") or a mixture ("q4_k_m"). Throws Error(kUsage) for an unknown quant.
Model SynthesizeModel(const ModelShape& shape, std::string_view quant, std::uint64_t seed);

// SHA-256 over the tensor data in a fixed order (see hash.cc), as 64 hex digits. Multi-threaded.
std::string HashModel(const Model& model);

// Writes a GGUF v3 file that llama.cpp loads too, beside `path` first, then renamed.
void WriteModel(const Model& model, const std::string& path);

// The shapes of models/catalog, by name; null when unknown.
std::span<const ModelShape> Catalog();
const ModelShape* FindShape(std::string_view name);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_MODEL_H_
