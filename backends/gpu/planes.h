// How a weight matrix lies in a GPU's memory: planes of 32-bit words, one matrix in parts.
//
// A row of a quantized matrix is groups of 32 weights. A group's parts stand apart, each in a plane
// of its own, so that every load is a whole word and quants are loaded 16 bytes at once:
//
//   part:    | quants ............... | high bits ... | scales .. | fine .. |
//            ^ offset 0               ^ each plane begins at a multiple of 256 bytes
//   plane:   | row 0: group 0, 1 .. n-1 | row 1: group 0 .. |   no padding between rows
//
// quants, 4 bits (4 words a group): byte j = 0..15 as BlockQ4_0 has it
//            hhhhllll   llll = weight j, hhhh = weight j + 16
//   so that word w holds weights 4w .. 4w+3 in its low nibbles, 16+4w .. 16+4w+3 in the high ones.
// quants, 8 bits (8 words): byte j is weight j.
// high bits, 1 a weight (1 word):  bit w + 4h of byte b      = weight 16h + 4w + b
// high bits, 2 a weight (2 words): bits 2w, 2w+1 of byte b of word h = weight 16h + 4w + b
//   (w = 0..3, h = 0..1, b = 0..3): (word >> shift) & 0x01010101 or 0x03030303 are those of the
//   four weights that a word of nibbles has in one half.
// scales     kHalf      binary16 d of each group, two to a word: group i of the plane is half i
//            kHalfPair  a word of each group: d low, m high
//            kByte      a byte of each group, four to a word
//            kSuper     4 words of each 8 groups: {d low | dmin high, low 4 bits of 8 scales, low 4
//                       bits of 8 mins, high 2 bits of 8 scales | of 8 mins << 16}; group g at bits
//                       4g and 2g
//            kHalfOf256 binary16 d of each 8 groups, two to a word
// fine       only with kHalfOf256: int8 scale of each 16 weights, 4 words for 8 groups
//
// Where rows stand together, blocks of the file (of floats, 16 bytes) take turns, so that what goes
// through that many rows at once reads on and on: block b of row r at place BlockPlace.
//
// Floats are rows of f32, or of two 16-bit floats to a word, padded with zeros to 16 bytes. All
// bits are those of the file, in other places; nothing is rounded and nothing added but padding.
#ifndef INFEROMETER_BACKENDS_GPU_PLANES_H_
#define INFEROMETER_BACKENDS_GPU_PLANES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/base/thread_pool.h"
#include "models/quant/formats.h"

namespace inferometer::gpu {

enum class Scales : std::uint8_t { kNone, kHalf, kHalfPair, kByte, kSuper, kHalfOf256 };

inline constexpr std::int64_t kGroup = 32;  // weights

// One row of the table: what a format's planes are made of.
struct PlaneFormat {
  QuantId format;
  int quant_bits;  // of each weight in the quants plane: 4, 8; 16 and 32 are floats
  int high_bits;   // of each weight in the plane of high bits: 0, 1, 2
  Scales scales;
  // Spreads one block of the file over the planes: `to` points at the first byte of each plane that
  // the block's groups own. Null for floats, which are copied.
  void (*spread)(const std::byte* block, const std::array<std::byte*, 4>& to);
};

// Null when no GPU layout exists for the format.
const PlaneFormat* FindPlanes(QuantId format);
std::span<const PlaneFormat> PlaneFormats();

// A run of whole rows that lies in one buffer.
struct MatrixPart {
  std::int64_t first_row = 0, rows = 0;
  std::array<std::uint64_t, 4> plane_bytes{};  // where quants, high bits, scales, fine begin
  std::uint64_t bytes = 0;                     // a multiple of 256
};

struct MatrixLayout {
  const PlaneFormat* planes = nullptr;
  std::int64_t in_width = 0, rows = 0;
  std::int64_t rows_in_part = 0;  // in each but the last
  std::int64_t together = 1;      // rows whose blocks take turns
  std::vector<MatrixPart> parts;

  std::uint64_t Bytes() const;
  std::int64_t BlocksInRow() const;
  // Where block `block` of row `row` of a part stands in each of its planes, counted in blocks.
  std::int64_t BlockPlace(std::int64_t row, std::int64_t block) const {
    return (row / together * BlocksInRow() + block) * together + row % together;
  }
};

// Lays out `rows` rows of `in_width` weights in as few parts of at most `most_bytes` as possible;
// parts hold whole multiples of `unit` rows (an expert's), `together` of which take turns. Throws
// Error when not even one unit fits, or for a format without planes.
MatrixLayout LayoutMatrix(QuantId format, std::int64_t in_width, std::int64_t rows,
                          std::uint64_t most_bytes, std::int64_t unit = 1,
                          std::int64_t together = 1);

// Repacks one part of a tensor, all of whose bytes in GGUF's order are `data`, into `to`
// (part.bytes, zeroed). On all threads of `pool`, or on this one where it is null.
void PackPart(const MatrixLayout& layout, const MatrixPart& part, std::span<const std::byte> data,
              std::byte* to, ThreadPool* pool);

}  // namespace inferometer::gpu

#endif  // INFEROMETER_BACKENDS_GPU_PLANES_H_
