// The table of GPU layouts: a format is one row, and what spreads its blocks over the planes.
#include <cstring>

#include "backends/gpu/planes.h"
#include "models/quant/blocks.h"

namespace inferometer::gpu {
namespace {

using Planes = std::array<std::byte*, 4>;
enum Plane : std::size_t { kQuants, kHigh, kScales, kFine };

template <typename Block>
Block Load(const std::byte* from) {
  Block block;
  std::memcpy(&block, from, sizeof(block));
  return block;
}

template <typename T>
void Store(std::byte* to, const T& value) {
  std::memcpy(to, &value, sizeof(value));
}

// The nibbles of 32 weights, in the order of BlockQ4_0.
void StoreNibbles(const std::uint8_t* weights, std::byte* to) {
  for (std::size_t j = 0; j < 16; ++j) {
    to[j] = static_cast<std::byte>((weights[j] & 15) | (weights[j + 16] & 15) << 4);
  }
}

// Bit 4 of each of 32 weights.
void StoreHighBits(const std::uint8_t* weights, std::byte* to) {
  std::uint32_t word = 0;
  for (std::uint32_t i = 0; i < 32; ++i) {
    const std::uint32_t half = i / 16, w = i % 16 / 4, byte = i % 4;
    word |= static_cast<std::uint32_t>(weights[i] >> 4 & 1) << (8 * byte + w + 4 * half);
  }
  Store(to, word);
}

// Bits 4 and 5 of each of 32 weights.
void StoreHighPairs(const std::uint8_t* weights, std::byte* to) {
  std::uint32_t words[2] = {0, 0};
  for (std::uint32_t i = 0; i < 32; ++i) {
    const std::uint32_t half = i / 16, w = i % 16 / 4, byte = i % 4;
    words[half] |= static_cast<std::uint32_t>(weights[i] >> 4 & 3) << (8 * byte + 2 * w);
  }
  Store(to, words);
}

void SpreadQ8_0(const std::byte* from, const Planes& to) {
  const auto block = Load<BlockQ8_0>(from);
  Store(to[kQuants], block.qs);
  Store(to[kScales], block.d);
}

// BlockQ4_0 itself, and formats of the same shape that differ in what a nibble means.
template <typename Block>
void SpreadQ4_0(const std::byte* from, const Planes& to) {
  const auto block = Load<Block>(from);
  Store(to[kQuants], block.qs);
  Store(to[kScales], block.d);
}

void SpreadQ4_1(const std::byte* from, const Planes& to) {
  SpreadQ4_0<BlockQ4_1>(from, to);
  Store(to[kScales] + 2, Load<BlockQ4_1>(from).m);
}

template <typename Block>
void SpreadQ5_0(const std::byte* from, const Planes& to) {
  SpreadQ4_0<Block>(from, to);
  const auto block = Load<Block>(from);
  std::uint8_t weights[32];
  for (int i = 0; i < 32; ++i) {
    weights[i] = static_cast<std::uint8_t>((block.qh[i / 8] >> (i % 8) & 1) << 4);
  }
  StoreHighBits(weights, to[kHigh]);
}

void SpreadQ5_1(const std::byte* from, const Planes& to) {
  SpreadQ5_0<BlockQ5_1>(from, to);
  Store(to[kScales] + 2, Load<BlockQ5_1>(from).m);
}

template <typename Block>
void SpreadSuperScales(const Block& block, std::byte* to) {
  std::uint32_t scale_low = 0, min_low = 0, high = 0;
  for (int k = 0; k < 8; ++k) {
    const std::uint8_t* s = block.scales;
    const std::uint32_t scale =
        k < 4 ? s[k] & 63u : (s[k + 4] & 15u) | static_cast<std::uint32_t>(s[k - 4] >> 6 << 4);
    const std::uint32_t min = k < 4 ? s[k + 4] & 63u
                                    : static_cast<std::uint32_t>(s[k + 4] >> 4) |
                                          static_cast<std::uint32_t>(s[k] >> 6 << 4);
    scale_low |= (scale & 15) << (4 * k);
    min_low |= (min & 15) << (4 * k);
    high |= scale >> 4 << (2 * k) | min >> 4 << (16 + 2 * k);
  }
  const std::uint32_t words[4] = {block.d | static_cast<std::uint32_t>(block.dmin) << 16, scale_low,
                                  min_low, high};
  Store(to, words);
}

void SpreadQ4_K(const std::byte* from, const Planes& to) {
  const auto block = Load<BlockQ4_K>(from);
  for (int g = 0; g < 8; ++g) {
    std::uint8_t weights[32];
    for (int j = 0; j < 32; ++j) {
      weights[j] = static_cast<std::uint8_t>(block.qs[32 * (g / 2) + j] >> (4 * (g % 2)) & 15);
    }
    StoreNibbles(weights, to[kQuants] + 16 * g);
  }
  SpreadSuperScales(block, to[kScales]);
}

void SpreadQ5_K(const std::byte* from, const Planes& to) {
  const auto block = Load<BlockQ5_K>(from);
  for (int g = 0; g < 8; ++g) {
    std::uint8_t weights[32];
    for (int j = 0; j < 32; ++j) {
      const int low = block.qs[32 * (g / 2) + j] >> (4 * (g % 2)) & 15;
      weights[j] = static_cast<std::uint8_t>(low | (block.qh[j] >> g & 1) << 4);
    }
    StoreNibbles(weights, to[kQuants] + 16 * g);
    StoreHighBits(weights, to[kHigh] + 4 * g);
  }
  SpreadSuperScales(block, to[kScales]);
}

void SpreadQ6_K(const std::byte* from, const Planes& to) {
  const auto block = Load<BlockQ6_K>(from);
  for (int g = 0; g < 8; ++g) {
    const int half = g / 4, run = g % 4;
    std::uint8_t weights[32];
    for (int j = 0; j < 32; ++j) {
      const int low = block.ql[64 * half + 32 * (run % 2) + j] >> (4 * (run / 2)) & 15;
      const int high = block.qh[32 * half + j] >> (2 * run) & 3;
      weights[j] = static_cast<std::uint8_t>(low | high << 4);
    }
    StoreNibbles(weights, to[kQuants] + 16 * g);
    StoreHighPairs(weights, to[kHigh] + 8 * g);
  }
  Store(to[kScales], block.d);
  Store(to[kFine], block.scales);
}

void SpreadMXFP4(const std::byte* from, const Planes& to) {
  const auto block = Load<BlockMXFP4>(from);
  Store(to[kQuants], block.qs);
  Store(to[kScales], block.e);
}

constexpr PlaneFormat kPlaneFormats[] = {
    {QuantId::kF32, 32, 0, Scales::kNone, nullptr},
    {QuantId::kF16, 16, 0, Scales::kNone, nullptr},
    {QuantId::kBF16, 16, 0, Scales::kNone, nullptr},
    {QuantId::kQ8_0, 8, 0, Scales::kHalf, SpreadQ8_0},
    {QuantId::kQ4_0, 4, 0, Scales::kHalf, SpreadQ4_0<BlockQ4_0>},
    {QuantId::kQ4_1, 4, 0, Scales::kHalfPair, SpreadQ4_1},
    {QuantId::kQ5_0, 4, 1, Scales::kHalf, SpreadQ5_0<BlockQ5_0>},
    {QuantId::kQ5_1, 4, 1, Scales::kHalfPair, SpreadQ5_1},
    {QuantId::kQ4_K, 4, 0, Scales::kSuper, SpreadQ4_K},
    {QuantId::kQ5_K, 4, 1, Scales::kSuper, SpreadQ5_K},
    {QuantId::kQ6_K, 4, 2, Scales::kHalfOf256, SpreadQ6_K},
    {QuantId::kIQ4_NL, 4, 0, Scales::kHalf, SpreadQ4_0<BlockIQ4_NL>},
    {QuantId::kMXFP4, 4, 0, Scales::kByte, SpreadMXFP4},
};

}  // namespace

std::span<const PlaneFormat> PlaneFormats() { return kPlaneFormats; }

}  // namespace inferometer::gpu
