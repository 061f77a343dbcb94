// q4_1: 4 bits, one scale and one offset per 32 weights.
#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {

void EncodeQ4_1(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ4_1, 32>(weights, blocks, [](const float* w, BlockQ4_1& block) {
    const auto [smallest, largest] = std::minmax_element(w, w + 32);
    block.d = ScaleToF16((static_cast<double>(*largest) - *smallest) / 15);
    block.m = ScaleToF16(*smallest);
    const double inverse = InverseOf(F16ToF32(block.d)), m = F16ToF32(block.m);
    for (int j = 0; j < 16; ++j) {
      const int low = RoundTo((w[j] - m) * inverse, 0, 15);
      const int high = RoundTo((w[j + 16] - m) * inverse, 0, 15);
      block.qs[j] = static_cast<std::uint8_t>(low | high << 4);
    }
  });
}

void DecodeQ4_1(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ4_1, 32>(blocks, weights, [](const BlockQ4_1& block, float* w) {
    const float d = F16ToF32(block.d), m = F16ToF32(block.m);
    for (int j = 0; j < 16; ++j) {
      w[j] = static_cast<float>(block.qs[j] & 15) * d + m;
      w[j + 16] = static_cast<float>(block.qs[j] >> 4) * d + m;
    }
  });
}

}  // namespace inferometer
