// What one instruction set offers: a table of functions over plain pointers, and the data layouts
// that they agree on. The kernels behind it are compiled once per instruction set from kernels/.
//
// Only plain C types here: this header is compiled with wide instruction sets, and an inline
// library function instantiated there could be the copy that the linker keeps for everyone.
#ifndef INFEROMETER_BACKENDS_CPU_KERNEL_SET_H_
#define INFEROMETER_BACKENDS_CPU_KERNEL_SET_H_

#include <cstddef>
#include <cstdint>

#include "models/quant/quant_id.h"

namespace inferometer::cpu {

// Rows of activations that share a tile, and the columns of one.
inline constexpr std::int64_t kTileRows = 16, kTileDepth = 32;

// Rows of activations, ready to be multiplied: as floats, rounded to bf16, so in tiles, or as int8
// codes with one scale for each 32 values, x = scale * code. Pointers are to the first row; a row's
// scales stand `in_width / 32` apart from the next's.
struct Activations {
  const float* values = nullptr;          // [row][in_width]
  const std::uint16_t* brains = nullptr;  // [row][in_width, made even by a zero]: bf16
  // bf16: [row / 16][in_width / 32][16 rows][32]; the last rows' tiles are whole, whatever is
  // there.
  const std::uint16_t* tiles = nullptr;
  const std::uint16_t* rests = nullptr;  // tiles of what rounding to bf16 left, rounded likewise
  const std::int8_t* codes = nullptr;    // [row][in_width]
  const float* scales = nullptr;         // [row][in_width / 32]
  const float* sums32 = nullptr;         // [row][in_width / 32]: scale * sum of 32 codes
  const float* sums16 = nullptr;         // [row][in_width / 16]: scale * sum of 16 codes
  std::int64_t in_width = 0;
};

// A part of out = weights · activations.
struct MatMulArgs {
  const std::uint8_t* weights = nullptr;  // packed groups of kRows rows
  std::int64_t group_bytes = 0;
  std::int64_t group_begin = 0, group_end = 0;
  Activations in;
  std::int64_t column_begin = 0, column_end = 0;
  // By column: the row of activations, and the row of `out`; where null, it has the column's
  // number.
  const std::int32_t* in_rows = nullptr;
  const std::int32_t* out_rows = nullptr;
  float* out = nullptr;  // [row][out_stride]
  std::int64_t out_stride = 0, out_width = 0;
  const float* bias = nullptr;  // [out_width] or null
  bool accumulate = false;
  void* room = nullptr;  // KernelSet::tile_room bytes of this thread alone, at a whole cache line
};

// Attention of some query rows over a range of positions of one kv head. A head of a cache is one
// stream of blocks of 16 positions; cache_layout.h draws them.
inline constexpr std::int64_t kKeyBlock = 16;
inline constexpr std::int64_t kMaxQueryRows = 32;
// By tiles: keys and values are made ready once for so many, of heads of at most so many values.
inline constexpr std::int64_t kMaxTiledRows = 64, kMostTiledHead = 256;
struct AttentionArgs {
  // Query rows, scaled so that weights are powers of two (of scores that are powers of e, by log2
  // e). f16 caches: in tiles of KernelSet::query_tile rows, the last with what is left, each as
  // [head_dim][rows of the tile]. q8_0 caches: `coded`, as a matmul has them.
  const float* queries = nullptr;
  Activations coded;
  // KernelSet::attention_tiles, f16 caches: [rows / 16][head_dim / 32][16 rows][32] as bf16, the
  // last rows' tiles whole, and what is left of them.
  const std::uint16_t* query_tiles = nullptr;
  const std::uint16_t* query_rests = nullptr;
  void* room = nullptr;  // KernelSet::tile_room bytes of this thread alone, at a whole cache line
  const std::int64_t* limits = nullptr;  // [rows]: attends to positions below this
  std::int64_t rows = 0;                 // at most kMaxQueryRows, or kMaxTiledRows
  const std::uint8_t* keys = nullptr;    // of the head, from position 0 on
  const std::uint8_t* values = nullptr;
  std::int64_t begin = 0, end = 0;  // positions; begin is a multiple of kKeyBlock
  std::int64_t head_dim = 0;        // a multiple of 16, for q8_0 of 32
  // State of the online softmax, carried over calls: start with -inf, 0, zeros.
  float* maxima = nullptr;  // [rows]
  float* sums = nullptr;    // [rows]
  float* outs = nullptr;    // [rows][head_dim], not yet divided by sums
};

// Streams of the memory probes: 1, 2, 4 or 8.
inline constexpr int kStreamCounts = 4;
constexpr int StreamIndex(std::int64_t streams) {
  return streams == 1 ? 0 : streams == 2 ? 1 : streams == 4 ? 2 : streams == 8 ? 3 : -1;
}
inline constexpr float kTriadScale = 3.0f;

// Executes about `operations` multiply and add operations (models/op.h, ComputeProbe) in
// independent chains; returns something that depends on all of them.
using PeakChain = double (*)(std::int64_t operations);

struct KernelSet {
  const char* name;  // "avx2"
  int rows;          // weights' rows interleaved in a group, a power of two
  bool offset_q8;    // 8-bit codes are stored unsigned, 128 added
  // The instruction, for people, that multiplies bf16 weights with activations rounded to bf16;
  // they then stand in pairs of columns. Null: there is none, and activations stay floats.
  const char* brain_form;
  // The same for what a matrix unit multiplies: tiles of weights, decoded to bf16, and of
  // activations. Null: there is none.
  const char* tile_form;
  int tile_columns;  // from so many columns on `tile_matmul` is used
  std::size_t tile_room;
  int query_tile;         // query rows that share a pass over f16 keys
  const char* int8_form;  // which instructions multiply int8, for people

  void (*matmul[kQuantCount])(const MatMulArgs&);  // by QuantId; kernels/formats-inl.h: the bytes
  // For many columns, which begin at a whole tile and stand in order; activations are `tiles`, of
  // f16 weights `rests` too; widths are multiples of kTileDepth. Null where `matmul` does it.
  void (*tile_matmul[kQuantCount])(const MatMulArgs&);
  // Codes one row of n floats, n a multiple of 32.
  void (*quantize)(const float* in, std::int64_t n, std::int8_t* codes, float* scales,
                   float* sums32, float* sums16);
  // Rounds one row of n floats to bf16, a zero behind an odd n; null where brain_form is.
  void (*to_brain)(const float* in, std::int64_t n, std::uint16_t* out);
  // Rounds one row of n floats to bf16, n a multiple of kTileDepth, into its places of `tiles`, and
  // what is left into those of `rests`, which may be null; null where tile_form is.
  void (*to_tiles)(const float* in, std::int64_t n, std::int64_t row, std::uint16_t* tiles,
                   std::uint16_t* rests);
  // out[i] = in[i] * factor * weight[i]
  void (*scale_by)(const float* in, const float* weight, float factor, float* out, std::int64_t n);
  float (*sum_of_squares)(const float* in, std::int64_t n);
  // out = silu(gate) * up
  void (*gated_mul)(const float* gate, const float* up, float* out, std::int64_t n);
  void (*attention_f16)(const AttentionArgs&);
  void (*attention_q8_0)(const AttentionArgs&);
  // f16 caches by tiles, for kTileRows query rows and more; all positions in one call. Null: none.
  void (*attention_tiles)(const AttentionArgs&);
  void (*to_half)(const float* in, std::uint16_t* out, std::int64_t n);
  // Codes a row of n floats, n a multiple of 32, as BlockQ8_0 of models/quant/blocks.h.
  void (*to_q8_0)(const float* in, std::uint8_t* blocks, std::int64_t n);
  // Probes, by StreamIndex of the contiguous parts that are gone through side by side; bytes are
  // a multiple of 4096. `read` returns the exclusive or of all 64-bit words, once for each pass.
  std::uint64_t (*read[kStreamCounts])(const std::byte* data, std::int64_t bytes,
                                       std::int64_t passes);
  // With ordinary stores [0], and with stores past the caches [1], null where there are none.
  void (*copy[2][kStreamCounts])(const std::byte* from, std::byte* to, std::int64_t bytes);
  void (*triad[2][kStreamCounts])(float* a, const float* b, const float* c, std::int64_t bytes);
  PeakChain fp32_chain;
  PeakChain int8_chain;
};

// Whether weights of a format and that many columns are multiplied by tiles, of many activations.
inline bool MultipliesTiles(const KernelSet& kernels, QuantId format, std::int64_t in_width) {
  return kernels.tile_matmul[static_cast<int>(format)] != nullptr && in_width % kTileDepth == 0;
}

// Whether attention of many query rows over a cache of that format goes by tiles.
inline bool AttendsTiles(const KernelSet& kernels, QuantId format, std::int64_t head_dim) {
  return kernels.attention_tiles != nullptr && format == QuantId::kF16 &&
         head_dim % kTileDepth == 0 && head_dim <= kMostTiledHead;
}
// Query rows of a call, at most.
inline std::int64_t QueryRows(const KernelSet& kernels, QuantId format, std::int64_t head_dim) {
  return AttendsTiles(kernels, format, head_dim) ? kMaxTiledRows : kMaxQueryRows;
}

// Probes that are the same for every instruction set.
// Follows `hops` offsets through `data`, from the one at `at` on; returns where it ended.
std::uint64_t ChaseKernel(const std::byte* data, std::uint64_t at, std::int64_t hops);
// Adds one odd number `adds` times, each time to the last sum.
std::uint64_t AddChainKernel(std::int64_t adds);
// Writes floats in [1, 2) that follow from seed, their place from `first` on, and nothing else.
void FillKernel(float* out, std::int64_t first, std::int64_t count);

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNEL_SET_H_
