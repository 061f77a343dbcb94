// What the codecs share: walking over blocks, rounding, and scales in binary16. Private to
// models/quant; the public face is formats.h.
#ifndef INFEROMETER_MODELS_QUANT_CODEC_H_
#define INFEROMETER_MODELS_QUANT_CODEC_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "models/quant/formats.h"

namespace inferometer {

using EncodeBlocks = void(std::span<const float> weights, std::byte* blocks);
using DecodeBlocks = void(const std::byte* blocks, std::span<float> weights);

EncodeBlocks EncodeF32, EncodeF16, EncodeBF16, EncodeQ8_0, EncodeQ4_0, EncodeQ4_1, EncodeQ5_0,
    EncodeQ5_1, EncodeQ4_K, EncodeQ5_K, EncodeQ6_K, EncodeIQ4_NL, EncodeMXFP4;
DecodeBlocks DecodeF32, DecodeF16, DecodeBF16, DecodeQ8_0, DecodeQ4_0, DecodeQ4_1, DecodeQ5_0,
    DecodeQ5_1, DecodeQ4_K, DecodeQ5_K, DecodeQ6_K, DecodeIQ4_NL, DecodeMXFP4;

// Calls encode(const float* weights, Block&) for each block of `kWeights` weights. Blocks in memory
// need no alignment.
template <typename Block, std::size_t kWeights, typename F>
void ForEachEncoded(std::span<const float> weights, std::byte* blocks, F&& encode) {
  for (std::size_t i = 0; i + kWeights <= weights.size(); i += kWeights, blocks += sizeof(Block)) {
    Block block{};
    encode(weights.data() + i, block);
    std::memcpy(blocks, &block, sizeof(Block));
  }
}

// Calls decode(const Block&, float* weights) for each block.
template <typename Block, std::size_t kWeights, typename F>
void ForEachDecoded(const std::byte* blocks, std::span<float> weights, F&& decode) {
  for (std::size_t i = 0; i + kWeights <= weights.size(); i += kWeights, blocks += sizeof(Block)) {
    Block block;
    std::memcpy(&block, blocks, sizeof(Block));
    decode(block, weights.data() + i);
  }
}

// The integer nearest to `value`, halves upwards, kept within [low, high]; NaN gives low.
inline int RoundTo(double value, int low, int high) {
  const double rounded = std::floor(value + 0.5);
  if (!(rounded > low)) return low;
  return rounded < high ? static_cast<int>(rounded) : high;
}

// A scale or offset as binary16, saturated at its largest finite value: an infinite scale would
// turn zeros into NaN.
inline std::uint16_t ScaleToF16(double value) {
  return F32ToF16(static_cast<float>(std::clamp(value, -65504.0, 65504.0)));
}

// 1 / value, or 0 for 0, so that blocks without content encode as zeros.
inline double InverseOf(double value) { return value == 0 ? 0 : 1 / value; }

// The value of largest magnitude, with its sign; the first of equals.
inline float LargestOf(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) {
    if (std::fabs(value) > std::fabs(largest)) largest = value;
  }
  return largest;
}

// The 5-bit code of weight i, 0..31, of a BlockQ5_0 or BlockQ5_1 (drawn in blocks.h).
template <typename Block>
int FiveBits(const Block& block, int i) {
  const int low = i < 16 ? block.qs[i] & 15 : block.qs[i - 16] >> 4;
  return low | ((block.qh[i / 8] >> (i % 8)) & 1) << 4;
}

// Sets it in a block whose codes are still zero.
template <typename Block>
void PutFiveBits(Block& block, int i, int q) {
  block.qs[i % 16] = static_cast<std::uint8_t>(block.qs[i % 16] | (q & 15) << (i < 16 ? 0 : 4));
  block.qh[i / 8] = static_cast<std::uint8_t>(block.qh[i / 8] | (q >> 4) << (i % 8));
}

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_QUANT_CODEC_H_
