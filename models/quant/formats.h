// The quantization formats: one table of plain rows, from which sizes, codecs and limits follow.
#ifndef INFEROMETER_MODELS_QUANT_FORMATS_H_
#define INFEROMETER_MODELS_QUANT_FORMATS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "models/quant/quant_id.h"

namespace inferometer {

// One storage format of a row of weights: a sequence of equal blocks, bit for bit as in GGUF.
struct Format {
  QuantId id;
  std::string_view name;        // "q4_k": as in --quant and in results
  std::uint32_t gguf_type;      // ggml_type of GGUF files
  std::uint32_t block_weights;  // weights in one block
  std::uint32_t block_bytes;    // bytes of one block
  // Scalar codecs, the oracle of all kernels. `weights.size()` is a multiple of block_weights.
  void (*encode)(std::span<const float> weights, std::byte* blocks);
  void (*decode)(const std::byte* blocks, std::span<float> weights);
  // Largest normalised mean squared error (see harness/base/nmse.h) that a device may show against
  // the reference: for one matmul over these weights, and for the logits of a whole model.
  double matmul_nmse;
  double model_nmse;
};

std::span<const Format> Formats();
const Format& FormatOf(QuantId id);
const Format* FindFormat(std::string_view name);      // null when unknown
const Format* FindGgufType(std::uint32_t gguf_type);  // null when unknown

// Bytes of a row of `weights` values; `weights` must be a multiple of the format's block.
std::size_t RowBytes(QuantId id, std::size_t weights);

// IEEE 754 binary16 and bfloat16 to and from float; to: round to nearest even.
float F16ToF32(std::uint16_t bits);
std::uint16_t F32ToF16(float value);
inline float BF16ToF32(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}
std::uint16_t F32ToBF16(float value);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_QUANT_FORMATS_H_
