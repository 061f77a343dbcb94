// Repacks GGUF blocks into interleaved groups, and reads single rows back.
#include "backends/cpu/packing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "backends/cpu/kernels/formats-inl.h"
#include "models/quant/blocks.h"

namespace inferometer::cpu {
namespace {

// The part of a row that one packed block holds: 32 codes without their scales.
using Codes32 = std::uint8_t[32];

// Blocks of 32 with nibbles, and maybe fifth bits, as BlockQ5_0 has them.
template <class Block>
  requires(sizeof(Block::qs) == 16)
void ReadCodes(const Block& block, int, Codes32& codes) {
  for (int i = 0; i < 16; ++i) {
    codes[i] = block.qs[i] & 0x0f;
    codes[i + 16] = block.qs[i] >> 4;
  }
  if constexpr (requires { block.qh; }) {
    for (int i = 0; i < 32; ++i) {
      const int high = (block.qh[i / 8] >> (i % 8)) & 1;
      codes[i] = static_cast<std::uint8_t>(codes[i] | high << 4);
    }
  }
}
void ReadCodes(const BlockQ8_0& block, int, Codes32& codes) {
  for (int i = 0; i < 32; ++i) codes[i] = static_cast<std::uint8_t>(block.qs[i]);
}
void ReadCodes(const BlockQ4_K& block, int b, Codes32& codes) {
  for (int i = 0; i < 32; ++i) codes[i] = (block.qs[32 * (b / 2) + i] >> (4 * (b % 2))) & 0x0f;
}
void ReadCodes(const BlockQ5_K& block, int b, Codes32& codes) {
  for (int i = 0; i < 32; ++i) {
    const int low = (block.qs[32 * (b / 2) + i] >> (4 * (b % 2))) & 0x0f;
    codes[i] = static_cast<std::uint8_t>(low | ((block.qh[i] >> b) & 1) << 4);
  }
}
void ReadCodes(const BlockQ6_K& block, int b, Codes32& codes) {
  const int half = b / 4, run = b % 4;
  for (int i = 0; i < 32; ++i) {
    const int low = (block.ql[64 * half + 32 * (run % 2) + i] >> (4 * (run / 2))) & 0x0f;
    const int high = (block.qh[32 * half + i] >> (2 * run)) & 3;
    codes[i] = static_cast<std::uint8_t>(low | high << 4);
  }
}

// The 6-bit scale and min of group g of a q4_k or q5_k block.
template <class Block>
void SmallScale(const Block& block, int g, std::uint8_t* scale, std::uint8_t* min) {
  const std::uint8_t* s = block.scales;
  if (g < 4) {
    *scale = s[g] & 63;
    *min = s[g + 4] & 63;
  } else {
    *scale = static_cast<std::uint8_t>((s[g + 4] & 0x0f) | (s[g - 4] >> 6) << 4);
    *min = static_cast<std::uint8_t>((s[g + 4] >> 4) | (s[g] >> 6) << 4);
  }
}

void PutHalf(std::uint8_t* p, std::uint16_t half) { std::memcpy(p, &half, sizeof half); }
std::uint16_t GetHalf(const std::uint8_t* p) {
  std::uint16_t half;
  std::memcpy(&half, p, sizeof half);
  return half;
}

// Writes the scales of row `r` into the header of a (super)block.
template <class Codes>
void PutHeader(const typename Codes::Block& block, int rows, int r, std::uint8_t* p) {
  if constexpr (Codes::kExponent) {
    p[r] = block.e;
    return;
  } else {
    PutHalf(p + 2 * r, block.d);
  }
  if constexpr (Codes::kBlocks == 1) {
    if constexpr (Codes::kHasMin) PutHalf(p + 2 * rows + 2 * r, block.m);
  } else if constexpr (Codes::kHasMin) {
    PutHalf(p + 2 * rows + 2 * r, block.dmin);
    for (int g = 0; g < 8; ++g) {
      std::uint8_t* small = p + 4 * rows + 2 * rows * g + r;
      SmallScale(block, g, small, small + rows);
    }
  } else {
    for (int g = 0; g < 16; ++g) {
      p[2 * rows + rows * g + r] = static_cast<std::uint8_t>(block.scales[g]);
    }
  }
}

// Writes the codes of row r into the vectors of a block, a step of four columns at a time; see
// formats-inl.h.
template <int kBits>
void PutCodes(const Codes32& codes, int rows, int r, bool offset, std::uint8_t* p) {
  std::uint32_t steps[8];
  std::memcpy(steps, codes, sizeof steps);
  const auto put = [p, rows, r](int vector, std::uint32_t step) {
    std::memcpy(p + 4 * (rows * vector + r), &step, sizeof step);
  };
  if constexpr (kBits == 8) {
    for (int s = 0; s < 8; ++s) put(s, offset ? steps[s] ^ 0x80808080u : steps[s]);
    return;
  }
  for (int s = 0; s < 4; ++s) {
    put(s, (steps[s] & 0x0f0f0f0fu) | (steps[s + 4] & 0x0f0f0f0fu) << 4);
  }
  if constexpr (kBits == 5) {
    std::uint32_t high = 0;
    for (int s = 0; s < 8; ++s) high |= (steps[s] >> 4 & 0x01010101u) << s;
    put(4, high);
  }
  if constexpr (kBits == 6) {
    for (int half = 0; half < 2; ++half) {
      std::uint32_t high = 0;
      for (int s = 0; s < 4; ++s) high |= (steps[4 * half + s] >> 4 & 0x03030303u) << 2 * s;
      put(4 + half, high);
    }
  }
}

int GetCode(const std::uint8_t* p, int c, int bits, int rows, int r) {
  const int vector = 4 * rows, step = c / 4, lane = 4 * r + c % 4;
  if (bits == 8) return p[vector * step + lane];
  int code = (p[vector * (step % 4) + lane] >> (step < 4 ? 0 : 4)) & 0x0f;
  if (bits == 5) code |= ((p[vector * 4 + lane] >> step) & 1) << 4;
  if (bits == 6) code |= ((p[vector * (4 + step / 4) + lane] >> (2 * (step % 4))) & 3) << 4;
  return code;
}

template <class Codes>
void PackBlocks(const PackedLayout& layout, std::int64_t group, std::span<const std::byte> matrix,
                std::uint8_t* out) {
  using Block = typename Codes::Block;
  const std::int64_t blocks = layout.in_width / (32 * Codes::kBlocks);
  const int rows = layout.rows;
  const int header = HeaderBytes<Codes>(rows), bytes = CodeBytes(Codes::kBits, rows);
  for (int r = 0; r < rows; ++r) {
    const std::int64_t row = group * rows + r;
    if (row >= layout.out_width) break;
    const std::byte* source =
        matrix.data() + row * blocks * static_cast<std::int64_t>(sizeof(Block));
    std::uint8_t* p = out;
    for (std::int64_t i = 0; i < blocks; ++i) {
      Block block;
      std::memcpy(&block, source + i * static_cast<std::int64_t>(sizeof block), sizeof block);
      PutHeader<Codes>(block, rows, r, p);
      p += header;
      for (int b = 0; b < Codes::kBlocks; ++b, p += bytes) {
        Codes32 codes;
        ReadCodes(block, b, codes);
        PutCodes<Codes::kBits>(codes, rows, r, layout.offset_q8, p);
      }
    }
  }
}

template <class Codes>
void DecodeBlocks(const PackedLayout& layout, const std::uint8_t* p, int r, std::span<float> out) {
  const int rows = layout.rows;
  const int header = HeaderBytes<Codes>(rows), bytes = CodeBytes(Codes::kBits, rows);
  const std::int64_t blocks = layout.in_width / 32;
  for (std::int64_t first = 0; first < blocks; first += Codes::kBlocks) {
    const float d = Codes::kExponent ? std::ldexp(1.0f, p[r] - 128) : F16ToF32(GetHalf(p + 2 * r));
    const std::uint8_t* codes = p + header;
    for (int b = 0; b < Codes::kBlocks; ++b, codes += bytes) {
      for (int c = 0; c < 32; ++c) {
        const int code = GetCode(codes, c, Codes::kBits, rows, r);
        float& value = out[static_cast<std::size_t>((first + b) * 32 + c)];
        if constexpr (Codes::kBits == 8) {
          const int plain = layout.offset_q8 ? code ^ 0x80 : code;
          value = d * static_cast<float>(static_cast<std::int8_t>(plain));
        } else if constexpr (Codes::kTable) {
          value = d * static_cast<float>(Codes::kValues[code]);
        } else if constexpr (Codes::kBlocks == 1) {
          const float min = Codes::kHasMin ? F16ToF32(GetHalf(p + 2 * rows + 2 * r)) : 0.0f;
          value = d * static_cast<float>(code - Codes::kOffset) + min;
        } else if constexpr (Codes::kHasMin) {
          const std::uint8_t* small = p + 4 * rows + 2 * rows * b + r;
          const float dmin = F16ToF32(GetHalf(p + 2 * rows + 2 * r));
          value = d * small[0] * static_cast<float>(code) - dmin * small[rows];
        } else {
          const auto scale = static_cast<std::int8_t>(p[2 * rows + rows * (2 * b + c / 16) + r]);
          value = d * scale * static_cast<float>(code - Codes::kOffset);
        }
      }
    }
    p = codes;
  }
}

// Where column c of row r stands among the elements of a group: [column][row], or, in pairs, [two
// columns][row][column of the two].
std::int64_t PlaceOf(const PackedLayout& layout, std::int64_t c, std::int64_t r) {
  if (layout.pairs) return (c / 2 * layout.rows + r) * 2 + c % 2;
  return c * layout.rows + r;
}

// Plain elements of `size` bytes.
void PackElements(const PackedLayout& layout, std::int64_t group, std::span<const std::byte> matrix,
                  std::int64_t size, std::uint8_t* out) {
  for (int r = 0; r < layout.rows; ++r) {
    const std::int64_t row = group * layout.rows + r;
    if (row >= layout.out_width) break;
    const std::byte* source = matrix.data() + row * layout.in_width * size;
    for (std::int64_t c = 0; c < layout.in_width; ++c) {
      std::memcpy(out + PlaceOf(layout, c, r) * size, source + c * size,
                  static_cast<std::size_t>(size));
    }
  }
}

// One row per format: how to pack, how to read back, how much room a group takes.
struct Packer {
  QuantId format;
  void (*pack)(const PackedLayout&, std::int64_t, std::span<const std::byte>, std::uint8_t*);
  void (*decode)(const PackedLayout&, const std::uint8_t*, int, std::span<float>);
  long long (*group_bytes)(long long in_width, int rows);
};

template <std::int64_t kSize, float (*kToFloat)(const std::uint8_t*)>
constexpr Packer ElementPacker(QuantId format) {
  return {format,
          [](const PackedLayout& l, std::int64_t group, std::span<const std::byte> matrix,
             std::uint8_t* out) { PackElements(l, group, matrix, kSize, out); },
          [](const PackedLayout& l, const std::uint8_t* p, int r, std::span<float> out) {
            for (std::int64_t c = 0; c < l.in_width; ++c) {
              out[static_cast<std::size_t>(c)] = kToFloat(p + PlaceOf(l, c, r) * kSize);
            }
          },
          [](long long in_width, int rows) { return in_width * rows * kSize; }};
}

float FromF32(const std::uint8_t* p) {
  float value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
float FromF16(const std::uint8_t* p) { return F16ToF32(GetHalf(p)); }
float FromBF16(const std::uint8_t* p) { return BF16ToF32(GetHalf(p)); }

template <class... Codes>
constexpr auto AllPackers(CodesList<Codes...>) {
  return std::array{
      ElementPacker<4, FromF32>(QuantId::kF32), ElementPacker<2, FromF16>(QuantId::kF16),
      ElementPacker<2, FromBF16>(QuantId::kBF16),
      Packer{Codes::kId, PackBlocks<Codes>, DecodeBlocks<Codes>, GroupBytes<Codes>}...};
}
constexpr auto kPackers = AllPackers(AllCodes());
static_assert(kPackers.size() == kQuantCount);

const Packer& PackerFor(QuantId format) {
  return *std::find_if(kPackers.begin(), kPackers.end(),
                       [format](const Packer& packer) { return packer.format == format; });
}

}  // namespace

std::int64_t PackedLayout::GroupBytes() const {
  return PackerFor(format).group_bytes(pairs ? (in_width + 1) / 2 * 2 : in_width, rows);
}

bool IsQuantized(QuantId format) { return FormatOf(format).block_weights > 1; }

PackedLayout LayoutFor(const KernelSet& kernels, QuantId format, std::int64_t in_width,
                       std::int64_t out_width) {
  return {.format = format,
          .rows = kernels.rows,
          .offset_q8 = kernels.offset_q8,
          .pairs = format == QuantId::kBF16 && kernels.brain_form != nullptr,
          .in_width = in_width,
          .out_width = out_width};
}

void PackGroup(const PackedLayout& layout, std::int64_t group, std::span<const std::byte> matrix,
               std::uint8_t* out) {
  PackerFor(layout.format).pack(layout, group, matrix, out + group * layout.GroupBytes());
}

void DecodePackedRow(const PackedLayout& layout, const std::uint8_t* packed, std::int64_t row,
                     std::span<float> out) {
  const std::int64_t group = row / layout.rows;
  PackerFor(layout.format)
      .decode(layout, packed + group * layout.GroupBytes(), static_cast<int>(row % layout.rows),
              out);
}

}  // namespace inferometer::cpu
