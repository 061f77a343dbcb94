// iq4_nl: 4-bit places in a table that is denser around zero, and one scale per 32 weights.
#include <array>

#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {
namespace {

constexpr std::int8_t kValues[16] = {QUANT_IQ4_NL_VALUES};

// The place of the value nearest to `value`.
int Nearest(double value) {
  static constexpr auto kMiddles = [] {
    std::array<double, 15> middles{};
    for (std::size_t i = 0; i < middles.size(); ++i)
      middles[i] = (kValues[i] + kValues[i + 1]) / 2.0;
    return middles;
  }();
  return static_cast<int>(std::upper_bound(kMiddles.begin(), kMiddles.end(), value) -
                          kMiddles.begin());
}

}  // namespace

// The largest weight becomes about -127 or about 113, as the table is not symmetric. Each try takes
// the nearest values under a scale near that, then the scale that fits those values best by least
// squares; the try with the smallest error is kept.
void EncodeIQ4_NL(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockIQ4_NL, 32>(weights, blocks, [](const float* w, BlockIQ4_NL& block) {
    constexpr int kTries = 7;  // on either side of the end of the table
    const double largest = LargestOf({w, 32});
    if (largest == 0) return;
    double best = -1;
    for (const int end : {kValues[0], kValues[15]}) {
      for (int i = -kTries; i <= kTries; ++i) {
        const double inverse = (end + (end < 0 ? i : -i)) / largest;
        double product = 0, square = 0;
        for (int j = 0; j < 32; ++j) {
          const double value = kValues[Nearest(w[j] * inverse)];
          product += value * w[j];
          square += value * value;
        }
        // The error is the square of the weights less this.
        const double explained = product * product / square;
        if (!(explained > best)) continue;
        best = explained;
        block.d = ScaleToF16(product / square);
      }
    }
    const double inverse = InverseOf(F16ToF32(block.d));
    for (int j = 0; j < 16; ++j) {
      const int low = Nearest(w[j] * inverse);
      const int high = Nearest(w[j + 16] * inverse);
      block.qs[j] = static_cast<std::uint8_t>(low | high << 4);
    }
  });
}

void DecodeIQ4_NL(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockIQ4_NL, 32>(blocks, weights, [](const BlockIQ4_NL& block, float* w) {
    const float d = F16ToF32(block.d);
    for (int j = 0; j < 16; ++j) {
      w[j] = d * static_cast<float>(kValues[block.qs[j] & 15]);
      w[j + 16] = d * static_cast<float>(kValues[block.qs[j] >> 4]);
    }
  });
}

}  // namespace inferometer
