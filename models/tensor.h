// What a tensor is, apart from its bytes.
#ifndef INFEROMETER_MODELS_TENSOR_H_
#define INFEROMETER_MODELS_TENSOR_H_

#include <array>
#include <cstdint>
#include <string>

#include "models/quant/formats.h"

namespace inferometer {

// A handle: an index into a plan's tensors, or what Device::Upload returned for it.
enum class TensorId : std::uint32_t {};
inline constexpr TensorId kNoTensor{0xffffffffu};

// What a tensor is used for; a device chooses its layout by it.
enum class TensorRole : std::uint8_t {
  kVector,       // f32 weights of a norm or a bias, or rope frequencies
  kTable,        // rows are looked up by token id
  kMatrix,       // multiplied with activations
  kTableMatrix,  // both: a tied output head
  kActivation,   // f32, one row per token of a step or per output of it; content lasts for one step
  kIndex,        // int32, otherwise as kActivation
  kKeyCache,     // [sequence][position][kv head][head dim]
  kValueCache,   // same
  kBuffer,       // plain bytes that ceilings stream over
  kSmallPageBuffer,  // the same, in the smallest pages that the system has
  kHostBuffer,       // the same, in memory that the host writes and a GPU reads where it lies
};

// Dimensions come fastest first, as in GGUF: a matrix that maps `in` to `out` values is {in, out},
// the experts of a layer {in, out, experts}, an activation {width, rows}, a cache
// {head_dim, kv_heads, positions, sequences}.
struct TensorDesc {
  std::string name;  // GGUF's name for weights
  TensorRole role = TensorRole::kActivation;
  QuantId format = QuantId::kF32;  // of kIndex: ignored, elements are int32
  std::array<std::int64_t, 4> dims{1, 1, 1, 1};
};

// Plain bytes, whatever the format says.
constexpr bool IsBuffer(TensorRole role) {
  return role == TensorRole::kBuffer || role == TensorRole::kSmallPageBuffer ||
         role == TensorRole::kHostBuffer;
}

// Bytes of the tensor in its canonical layout: rows of blocks as in GGUF, densely packed.
std::uint64_t ByteSize(const TensorDesc& desc);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_TENSOR_H_
