// q4_k: 4 bits, with 6-bit scales and minima for groups of 32 in blocks of 256 weights.
#include "models/quant/blocks.h"
#include "models/quant/codec.h"
#include "models/quant/k_scales.h"

namespace inferometer {

void EncodeQ4_K(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ4_K, 256>(weights, blocks, [](const float* w, BlockQ4_K& block) {
    const KBlockFit fit = FitKBlock(w, 15);
    block.d = fit.d;
    block.dmin = fit.dmin;
    for (int g = 0; g < 8; ++g) PackGroupScale(fit.groups[g], g, block.scales);
    for (int i = 0; i < 256; ++i) {
      std::uint8_t& byte = block.qs[i / 64 * 32 + i % 32];
      byte = static_cast<std::uint8_t>(byte | fit.codes[i] << (i / 32 % 2 * 4));
    }
  });
}

void DecodeQ4_K(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ4_K, 256>(blocks, weights, [](const BlockQ4_K& block, float* w) {
    const float d = F16ToF32(block.d), dmin = F16ToF32(block.dmin);
    for (int g = 0; g < 8; ++g) {
      const GroupScale group = UnpackGroupScale(block.scales, g);
      const float scale = d * static_cast<float>(group.scale);
      const float min = dmin * static_cast<float>(group.min);
      for (int j = 0; j < 32; ++j) {
        const int q = (block.qs[g / 2 * 32 + j] >> (g % 2 * 4)) & 15;
        w[32 * g + j] = scale * static_cast<float>(q) - min;
      }
    }
  });
}

}  // namespace inferometer
