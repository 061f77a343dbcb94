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
// Superblock of q4_k, q5_k:   [d: R halves] [dmin: R halves] [8 x (scale: R bytes, min: R bytes)]
//                             [8 x codes]
// Superblock of q6_k:         [d: R halves] [8 x 2 x (scale: R signed bytes)] [8 x codes]
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_FORMATS_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_FORMATS_INL_H_

namespace inferometer::cpu {

struct CodesQ4_0 {
  static constexpr int kBits = 4, kOffset = 8, kBlocks = 1, kParts = 1;
  static constexpr bool kHasMin = false;
};
struct CodesQ4_1 {
  static constexpr int kBits = 4, kOffset = 0, kBlocks = 1, kParts = 1;
  static constexpr bool kHasMin = true;
};
struct CodesQ5_0 {
  static constexpr int kBits = 5, kOffset = 16, kBlocks = 1, kParts = 1;
  static constexpr bool kHasMin = false;
};
struct CodesQ5_1 {
  static constexpr int kBits = 5, kOffset = 0, kBlocks = 1, kParts = 1;
  static constexpr bool kHasMin = true;
};
struct CodesQ8_0 {
  static constexpr int kBits = 8, kOffset = 0, kBlocks = 1, kParts = 1;
  static constexpr bool kHasMin = false;
};
struct CodesQ4_K {
  static constexpr int kBits = 4, kOffset = 0, kBlocks = 8, kParts = 1;
  static constexpr bool kHasMin = true;
};
struct CodesQ5_K {
  static constexpr int kBits = 5, kOffset = 0, kBlocks = 8, kParts = 1;
  static constexpr bool kHasMin = true;
};
struct CodesQ6_K {
  // Two scales a block: steps 0..3 have the first, 4..7 the second.
  static constexpr int kBits = 6, kOffset = 32, kBlocks = 8, kParts = 2;
  static constexpr bool kHasMin = false;
};

// Bytes of the codes of one block of R rows.
constexpr int CodeBytes(int bits, int rows) { return 4 * rows * bits; }

// Bytes in front of the codes of a block (kBlocks = 1) or superblock.
template <class Codes>
constexpr int HeaderBytes(int rows) {
  const int scales = rows * 2 * (Codes::kHasMin ? 2 : 1);
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
