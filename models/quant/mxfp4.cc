// mxfp4: floats of 4 bits and one power of two per 32 weights (OCP Microscaling Formats 1.0).
#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {
namespace {

constexpr std::int8_t kValues[16] = {QUANT_MXFP4_VALUES};

float ScaleOf(const BlockMXFP4& block) { return std::ldexp(1.0f, block.e - 128); }

// The code of the value nearest to `value`; of two, the one nearer to zero.
int Nearest(double value) {
  int q = 0;
  for (const double middle : {0.5, 1.5, 2.5, 3.5, 5.0, 7.0, 10.0}) {
    q += std::fabs(value) > middle ? 1 : 0;
  }
  return value < 0 && q > 0 ? q + 8 : q;
}

void PutCodes(const float* w, BlockMXFP4& block) {
  const double inverse = 1.0 / ScaleOf(block);
  for (int j = 0; j < 16; ++j) {
    const int low = Nearest(w[j] * inverse);
    const int high = Nearest(w[j + 16] * inverse);
    block.qs[j] = static_cast<std::uint8_t>(low | high << 4);
  }
}

double SquareErrorOf(const float* w, const BlockMXFP4& block) {
  const double scale = ScaleOf(block);
  double error = 0;
  for (int i = 0; i < 32; ++i) {
    const int q = i < 16 ? block.qs[i] & 15 : block.qs[i - 16] >> 4;
    const double off = w[i] - scale * kValues[q];
    error += off * off;
  }
  return error;
}

}  // namespace

// The specification's scale cuts the largest weight by up to a quarter; the next power of two does
// not, but has a coarser grid. The one with the smaller error is kept, the first of equals.
void EncodeMXFP4(std::span<const float> weights, std::byte* blocks) {
  ForEachEncoded<BlockMXFP4, 32>(weights, blocks, [](const float* w, BlockMXFP4& block) {
    const double largest = std::fabs(LargestOf({w, 32}));
    if (largest == 0) return;
    // largest = m * 2^exponent, 0.5 <= m < 1; 4 = 8 / 2 is the largest power of two of E2M1.
    int exponent = 128;
    if (std::isfinite(largest)) std::frexp(largest, &exponent);
    block.e = static_cast<std::uint8_t>(std::clamp(exponent - 3 + 127, 0, 254));
    PutCodes(w, block);
    BlockMXFP4 next{static_cast<std::uint8_t>(block.e + 1), {}};
    PutCodes(w, next);
    if (SquareErrorOf(w, next) < SquareErrorOf(w, block)) block = next;
  });
}

void DecodeMXFP4(const std::byte* blocks, std::span<float> weights) {
  ForEachDecoded<BlockMXFP4, 32>(blocks, weights, [](const BlockMXFP4& block, float* w) {
    const float d = ScaleOf(block);
    for (int j = 0; j < 16; ++j) {
      w[j] = d * static_cast<float>(kValues[block.qs[j] & 15]);
      w[j + 16] = d * static_cast<float>(kValues[block.qs[j] >> 4]);
    }
  });
}

}  // namespace inferometer
