// q6_k: 6 bits, with 8-bit scales for groups of 16 in blocks of 256 weights.
#include <array>

#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {
namespace {

constexpr int kGroup = 16;

// The scale (either sign) with a small squared error for 16 weights: tries ranges around the one
// that maps the largest weight to -32, refits by least squares, keeps the best.
double SearchScale(const float* weights) {
  const double largest = LargestOf({weights, kGroup});
  if (largest == 0) return 0;
  double best = largest / -32, best_gain = -1;
  for (int step = -9; step <= 9; ++step) {
    const double inverse = -(32 + 0.1 * step) / largest;
    double sum_wq = 0, sum_qq = 0;
    for (int i = 0; i < kGroup; ++i) {
      const double q = RoundTo(weights[i] * inverse, -32, 31);
      sum_wq += weights[i] * q;
      sum_qq += q * q;
    }
    // With the best scale wq/qq the squared error is the power of the weights less wq²/qq.
    if (sum_qq > 0 && sum_wq * sum_wq > best_gain * sum_qq) {
      best_gain = sum_wq * sum_wq / sum_qq;
      best = sum_wq / sum_qq;
    }
  }
  return best;
}

// Where code i of a block stands, as drawn in blocks.h.
struct Place {
  int low, low_shift, high, high_shift;
};
constexpr Place PlaceOf(int i) {
  const int half = i / 128, run = i / 32 % 4, j = i % 32;
  return {64 * half + 32 * (run % 2) + j, run / 2 * 4, 32 * half + j, run * 2};
}

}  // namespace

void EncodeQ6_K(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockQ6_K, 256>(weights, blocks, [](const float* w, BlockQ6_K& block) {
    std::array<float, 16> scales;
    for (int g = 0; g < 16; ++g) {
      scales[static_cast<std::size_t>(g)] = static_cast<float>(SearchScale(w + g * kGroup));
    }
    // The scale of largest magnitude becomes -128, the end of the range that reaches further.
    block.d = ScaleToF16(LargestOf(scales) / -128.0);
    const double d = F16ToF32(block.d);
    for (int i = 0; i < 256; ++i) {
      const int g = i / kGroup;
      if (i % kGroup == 0) {
        const int scale = RoundTo(scales[static_cast<std::size_t>(g)] * InverseOf(d), -128, 127);
        block.scales[g] = static_cast<std::int8_t>(scale);
      }
      const int q = RoundTo(w[i] * InverseOf(d * block.scales[g]), -32, 31) + 32;
      const Place place = PlaceOf(i);
      std::uint8_t &low = block.ql[place.low], &high = block.qh[place.high];
      low = static_cast<std::uint8_t>(low | (q & 15) << place.low_shift);
      high = static_cast<std::uint8_t>(high | (q >> 4) << place.high_shift);
    }
  });
}

void DecodeQ6_K(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockQ6_K, 256>(blocks, weights, [](const BlockQ6_K& block, float* w) {
    const float d = F16ToF32(block.d);
    for (int i = 0; i < 256; ++i) {
      const Place place = PlaceOf(i);
      const int low = (block.ql[place.low] >> place.low_shift) & 15;
      const int high = (block.qh[place.high] >> place.high_shift) & 3;
      const std::int8_t group_scale = block.scales[i / kGroup];
      const float scale = d * static_cast<float>(group_scale);
      w[i] = scale * static_cast<float>((low | high << 4) - 32);
    }
  });
}

}  // namespace inferometer
