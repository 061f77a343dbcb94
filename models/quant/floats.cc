// The formats without blocks: f32, f16 and bf16.
#include <cstring>

#include "models/quant/codec.h"

namespace inferometer {

void EncodeF32(std::span<const float> weights, std::byte* blocks) {
  if (!weights.empty()) std::memcpy(blocks, weights.data(), weights.size_bytes());
}

void DecodeF32(const std::byte* blocks, std::span<float> weights) {
  if (!weights.empty()) std::memcpy(weights.data(), blocks, weights.size_bytes());
}

void EncodeF16(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<std::uint16_t, 1>(
      weights, blocks, [](const float* w, std::uint16_t& half) { half = F32ToF16(*w); });
}

void DecodeF16(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<std::uint16_t, 1>(blocks, weights,
                                   [](std::uint16_t half, float* w) { *w = F16ToF32(half); });
}

void EncodeBF16(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<std::uint16_t, 1>(
      weights, blocks, [](const float* w, std::uint16_t& half) { half = F32ToBF16(*w); });
}

void DecodeBF16(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<std::uint16_t, 1>(blocks, weights,
                                   [](std::uint16_t half, float* w) { *w = BF16ToF32(half); });
}

}  // namespace inferometer
