// q5_k: 5 bits, with 6-bit scales and minima for groups of 32 in blocks of 256 weights.
#include "models/quant/blocks.h"
#include "models/quant/codec.h"
#include "models/quant/k_scales.h"

namespace inferometer {

void EncodeQ5_K(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ5_K, 256>(weights, blocks, [](const float* w, BlockQ5_K& block) {
    const KBlockFit fit = FitKBlock(w, 31);
    block.d = fit.d;
    block.dmin = fit.dmin;
    for (int g = 0; g < 8; ++g) PackGroupScale(fit.groups[g], g, block.scales);
    for (int i = 0; i < 256; ++i) {
      std::uint8_t& low = block.qs[i / 64 * 32 + i % 32];
      low = static_cast<std::uint8_t>(low | (fit.codes[i] & 15) << (i / 32 % 2 * 4));
      std::uint8_t& high = block.qh[i % 32];
      high = static_cast<std::uint8_t>(high | (fit.codes[i] >> 4) << (i / 32));
    }
  });
}

void DecodeQ5_K(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ5_K, 256>(blocks, weights, [](const BlockQ5_K& block, float* w) {
    const float d = F16ToF32(block.d), dmin = F16ToF32(block.dmin);
    for (int g = 0; g < 8; ++g) {
      const GroupScale group = UnpackGroupScale(block.scales, g);
      const float scale = d * static_cast<float>(group.scale);
      const float min = dmin * static_cast<float>(group.min);
      for (int j = 0; j < 32; ++j) {
        const int low = (block.qs[g / 2 * 32 + j] >> (g % 2 * 4)) & 15;
        const int q = low | ((block.qh[j] >> g) & 1) << 4;
        w[32 * g + j] = scale * static_cast<float>(q) - min;
      }
    }
  });
}

}  // namespace inferometer
