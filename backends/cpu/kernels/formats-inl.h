// The packed formats, as the kernels see them.
//
// A group holds R rows, R being the number of 32-bit lanes. Its blocks follow each other; a block
// covers 32 columns ("step" s = columns 4s..4s+3, eight steps), a superblock eight blocks. Byte
// vectors are 4R long: lane r holds four consecutive columns of row r, so that one four-way dot
// with the same four activations in every lane serves R rows, and nothing is ever summed across
// lanes:
//
//   vector of step s:   | row 0: c4s c4s+1 c4s+2 c4s+3 | row 1: ... | ... | row R-1: ... |
//
//   4-bit codes:  4 vectors; low nibble of vector j = step j, high nibble = step j + 4
//   fifth bit:    1 vector;  bit s of each byte = step s
//   bits 5 and 6: 2 vectors; bits 2f, 2f+1 of vector u = step 4u + f
//   8-bit codes:  8 vectors
//
// Block of a 32-wide format:  [scale: R halves] [min: R halves, when it has one] [codes]
// Block of mxfp4:             [exponent of the scale, 128 added: R bytes] [codes]
// Superblock of q4_k, q5_k:   [d: R halves] [dmin: R halves] [8 x (scale: R bytes, min: R bytes)]
//                             [8 x codes]
// Superblock of q6_k:         [d: R halves] [8 x 2 x (scale: R signed bytes)] [8 x codes]
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_FORMATS_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_FORMATS_INL_H_

#include <cstdint>

#include "models/quant/blocks.h"
#include "models/quant/quant_id.h"

namespace inferometer::cpu {

// A format as the kernels multiply it. What is said here holds unless a format says otherwise.
struct CodesOf32 {
  static constexpr int kBlocks = 1;  // in a superblock
  static constexpr int kParts = 1;   // of a block, each with a scale of its own
  static constexpr bool kHasMin = false;
  static constexpr bool kExponent = false;  // the scale is the exponent of a power of two
  static constexpr int kOffset = 0;         // what is added to make codes unsigned
};
struct CodesOf256 : CodesOf32 {
  static constexpr int kBlocks = 8;
};

// Bits of a code, and of what is multiplied, kOffset added: the code, or, where that has more bits,
// the value at its place of the table kValues.
template <int kOfCode, int kOfValue>
struct Bits {
  static constexpr int kBits = kOfCode, kValueBits = kOfValue;
  static constexpr bool kTable = kOfCode != kOfValue;
};

struct CodesQ8_0 : CodesOf32, Bits<8, 8> {
  using Block = BlockQ8_0;
  static constexpr QuantId kId = QuantId::kQ8_0;
};
struct CodesQ4_0 : CodesOf32, Bits<4, 4> {
  using Block = BlockQ4_0;
  static constexpr QuantId kId = QuantId::kQ4_0;
  static constexpr int kOffset = 8;
};
struct CodesQ4_1 : CodesOf32, Bits<4, 4> {
  using Block = BlockQ4_1;
  static constexpr QuantId kId = QuantId::kQ4_1;
  static constexpr bool kHasMin = true;
};
struct CodesQ5_0 : CodesOf32, Bits<5, 5> {
  using Block = BlockQ5_0;
  static constexpr QuantId kId = QuantId::kQ5_0;
  static constexpr int kOffset = 16;
};
struct CodesQ5_1 : CodesOf32, Bits<5, 5> {
  using Block = BlockQ5_1;
  static constexpr QuantId kId = QuantId::kQ5_1;
  static constexpr bool kHasMin = true;
};
struct CodesQ4_K : CodesOf256, Bits<4, 4> {
  using Block = BlockQ4_K;
  static constexpr QuantId kId = QuantId::kQ4_K;
  static constexpr bool kHasMin = true;
};
struct CodesQ5_K : CodesOf256, Bits<5, 5> {
  using Block = BlockQ5_K;
  static constexpr QuantId kId = QuantId::kQ5_K;
  static constexpr bool kHasMin = true;
};
struct CodesQ6_K : CodesOf256, Bits<6, 6> {
  using Block = BlockQ6_K;
  static constexpr QuantId kId = QuantId::kQ6_K;
  // Two scales a block: steps 0..3 have the first, 4..7 the second.
  static constexpr int kOffset = 32, kParts = 2;
};
struct CodesIQ4_NL : CodesOf32, Bits<4, 8> {
  using Block = BlockIQ4_NL;
  static constexpr QuantId kId = QuantId::kIQ4_NL;
  static constexpr std::int8_t kValues[16] = {QUANT_IQ4_NL_VALUES};
};
struct CodesMXFP4 : CodesOf32, Bits<4, 5> {
  using Block = BlockMXFP4;
  static constexpr QuantId kId = QuantId::kMXFP4;
  static constexpr bool kExponent = true;
  static constexpr int kOffset = 12;
  static constexpr std::int8_t kValues[16] = {QUANT_MXFP4_VALUES};
};

// All of them: what packs and what multiplies follows this list.
template <class... Codes>
struct CodesList {};
using AllCodes = CodesList<CodesQ8_0, CodesQ4_0, CodesQ4_1, CodesQ5_0, CodesQ5_1, CodesQ4_K,
                           CodesQ5_K, CodesQ6_K, CodesIQ4_NL, CodesMXFP4>;

// Bytes of the codes of one block of R rows.
constexpr int CodeBytes(int bits, int rows) { return 4 * rows * bits; }

// Bytes in front of the codes of a block (kBlocks = 1) or superblock.
template <class Codes>
constexpr int HeaderBytes(int rows) {
  const int scales = rows * (Codes::kExponent ? 1 : 2) * (Codes::kHasMin ? 2 : 1);
  if (Codes::kBlocks == 1) return scales;
  return scales + Codes::kBlocks * rows * (Codes::kHasMin ? 2 : Codes::kParts);
}

// Bytes of `in_width` columns of a group of R rows.
template <class Codes>
constexpr long long GroupBytes(long long in_width, int rows) {
  const long long superblock =
      HeaderBytes<Codes>(rows) + Codes::kBlocks * CodeBytes(Codes::kBits, rows);
  return in_width / (32 * Codes::kBlocks) * superblock;
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_FORMATS_INL_H_
