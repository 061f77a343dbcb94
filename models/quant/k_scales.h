// What q4_k and q5_k share: the eight 6-bit scales and minima of a block, and the search for them.
// Private to models/quant.
#ifndef INFEROMETER_MODELS_QUANT_K_SCALES_H_
#define INFEROMETER_MODELS_QUANT_K_SCALES_H_

#include <array>
#include <cstdint>

namespace inferometer {

struct GroupScale {
  int scale = 0;  // 0..63
  int min = 0;    // 0..63
};

// Reads and sets group g, 0..7, of the 12 bytes drawn in blocks.h; `Put` wants them zeroed before.
GroupScale UnpackGroupScale(const std::uint8_t* scales, int g);
void PackGroupScale(GroupScale group, int g, std::uint8_t* scales);

// What a q4_k or q5_k block stores apart from how the codes are packed.
struct KBlockFit {
  std::uint16_t d = 0, dmin = 0;
  std::array<GroupScale, 8> groups;
  std::array<std::uint8_t, 256> codes;  // 0..max_code
};

// Scales, minima and codes of 256 weights with a small sum of squared errors.
KBlockFit FitKBlock(const float* weights, int max_code);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_QUANT_K_SCALES_H_
