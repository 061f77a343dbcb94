// q5_0: 5 bits and one scale per 32 weights.
#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {

// The weight of largest magnitude becomes -16, the end of the range that reaches further.
void EncodeQ5_0(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ5_0, 32>(weights, blocks, [](const float* w, BlockQ5_0& block) {
    block.d = ScaleToF16(LargestOf({w, 32}) / -16.0);
    const double inverse = InverseOf(F16ToF32(block.d));
    for (int i = 0; i < 32; ++i) {
      const int q = RoundTo(w[i] * inverse, -16, 15) + 16;
      PutFiveBits(block, i, q);
    }
  });
}

void DecodeQ5_0(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ5_0, 32>(blocks, weights, [](const BlockQ5_0& block, float* w) {
    const float d = F16ToF32(block.d);
    for (int i = 0; i < 32; ++i) w[i] = static_cast<float>(FiveBits(block, i) - 16) * d;
  });
}

}  // namespace inferometer
