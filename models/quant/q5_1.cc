// q5_1: 5 bits, one scale and one offset per 32 weights.
#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {

void EncodeQ5_1(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ5_1, 32>(weights, blocks, [](const float* w, BlockQ5_1& block) {
    const auto [smallest, largest] = std::minmax_element(w, w + 32);
    block.d = ScaleToF16((static_cast<double>(*largest) - *smallest) / 31);
    block.m = ScaleToF16(*smallest);
    const double inverse = InverseOf(F16ToF32(block.d)), m = F16ToF32(block.m);
    for (int i = 0; i < 32; ++i) PutFiveBits(block, i, RoundTo((w[i] - m) * inverse, 0, 31));
  });
}

void DecodeQ5_1(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ5_1, 32>(blocks, weights, [](const BlockQ5_1& block, float* w) {
    const float d = F16ToF32(block.d), m = F16ToF32(block.m);
    for (int i = 0; i < 32; ++i) w[i] = static_cast<float>(FiveBits(block, i)) * d + m;
  });
}

}  // namespace inferometer
