// q8_0: 8 bits and one scale per 32 weights.
#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {

void EncodeQ8_0(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ8_0, 32>(weights, blocks, [](const float* w, BlockQ8_0& block) {
    block.d = ScaleToF16(std::fabs(LargestOf({w, 32})) / 127.0);
    const double inverse = InverseOf(F16ToF32(block.d));
    for (int i = 0; i < 32; ++i) {
      block.qs[i] = static_cast<std::int8_t>(RoundTo(w[i] * inverse, -127, 127));
    }
  });
}

void DecodeQ8_0(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ8_0, 32>(blocks, weights, [](const BlockQ8_0& block, float* w) {
    const float d = F16ToF32(block.d);
    for (int i = 0; i < 32; ++i) w[i] = static_cast<float>(block.qs[i]) * d;
  });
}

}  // namespace inferometer
