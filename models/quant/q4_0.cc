// q4_0: 4 bits and one scale per 32 weights.
#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {

// The weight of largest magnitude becomes -8, the end of the range that reaches further.
void EncodeQ4_0(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ4_0, 32>(weights, blocks, [](const float* w, BlockQ4_0& block) {
    block.d = ScaleToF16(LargestOf({w, 32}) / -8.0);
    const double inverse = InverseOf(F16ToF32(block.d));
    for (int j = 0; j < 16; ++j) {
      const int low = RoundTo(w[j] * inverse, -8, 7) + 8;
      const int high = RoundTo(w[j + 16] * inverse, -8, 7) + 8;
      block.qs[j] = static_cast<std::uint8_t>(low | high << 4);
    }
  });
}

void DecodeQ4_0(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ4_0, 32>(blocks, weights, [](const BlockQ4_0& block, float* w) {
    const float d = F16ToF32(block.d);
    for (int j = 0; j < 16; ++j) {
      w[j] = static_cast<float>((block.qs[j] & 15) - 8) * d;
      w[j + 16] = static_cast<float>((block.qs[j] >> 4) - 8) * d;
    }
  });
}

}  // namespace inferometer
