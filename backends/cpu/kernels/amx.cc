// AMX: what avx512_vnni multiplies many columns with where the processor has tiles, and their
// peaks.
#include "backends/cpu/kernels/attention_tiles-inl.h"
#include "backends/cpu/kernels/avx512_vnni-inl.h"
#include "backends/cpu/kernels/tile_matmul-inl.h"

namespace inferometer::cpu {

void AddAmx(KernelSet& set);
double AmxBf16Chain(std::int64_t operations);
double AmxInt8Chain(std::int64_t operations);

namespace {

struct Avx512Tiles : Avx512Vnni {
  static inline void StoreBrain(std::uint16_t* p, Floats v) {
    const auto brains = _mm512_cvtneps_pbh(v);
    std::memcpy(p, &brains, sizeof brains);
  }
};

// By assembly, since g++ takes the tiles' numbers from the text of macros. Intel SDM volume 2.
struct Amx {
  static inline void Begin() {
    struct alignas(64) {
      std::uint8_t palette = 1, start = 0, reserved[14] = {};
      std::uint16_t row_bytes[16] = {};
      std::uint8_t rows[16] = {};
    } config;
    for (int i = 0; i < 8; ++i) config.row_bytes[i] = 64, config.rows[i] = 16;
    asm volatile("ldtilecfg %0" : : "m"(config));
  }
  static inline void End() { asm volatile("tilerelease"); }
  template <int kTile>
  static inline void Zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(kTile));
  }
  template <int kTile>
  static inline void Load(const void* p, std::int64_t stride) {
    asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(kTile), "r"(p), "r"(stride) : "memory");
  }
  template <int kTile>
  static inline void LoadOnce(const void* p, std::int64_t stride) {
    asm volatile("tileloaddt1 (%1,%2,1), %%tmm%c0" : : "i"(kTile), "r"(p), "r"(stride) : "memory");
  }
  template <int kTile>
  static inline void Store(void* p, std::int64_t stride) {
    asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(kTile), "r"(p), "r"(stride) : "memory");
  }
  template <int kSum, int kX, int kW>
  static inline void MulAdd() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSum), "i"(kX), "i"(kW));
  }
};

// A tile instruction starts every 16 cycles and takes 52 (uops.info: Sapphire Rapids): four sums.
template <class Multiply>
double TileChain(std::int64_t operations, std::int64_t each, const void* tile, Multiply multiply) {
  Amx::Begin();
  Amx::Zero<0>(), Amx::Zero<1>(), Amx::Zero<2>(), Amx::Zero<3>();
  Amx::Load<4>(tile, 64), Amx::Load<6>(tile, 64);
  const std::int64_t rounds = operations / (4 * each);
  for (std::int64_t i = 0; i < rounds; ++i) multiply();
  alignas(64) float out[4][kTileRows * kTileRows];
  Amx::Store<0>(out[0], 64), Amx::Store<1>(out[1], 64);
  Amx::Store<2>(out[2], 64), Amx::Store<3>(out[3], 64);
  Amx::End();
  return static_cast<double>(out[0][0] + out[1][1] + out[2][2] + out[3][3]);
}

}  // namespace

void AddAmx(KernelSet& set) {
  AddTiles<Avx512Tiles, Amx>(set, "tdpbf16ps");
  AddAttentionTiles<Avx512Tiles, Amx>(set);
}

double AmxBf16Chain(std::int64_t operations) {
  alignas(64) std::uint16_t tile[512];
  for (std::uint16_t& value : tile) value = 0x3a80;  // 2^-10
  return TileChain(operations, 2 * 16 * 16 * 32, tile, [] {
    Amx::MulAdd<0, 4, 6>(), Amx::MulAdd<1, 4, 6>(), Amx::MulAdd<2, 4, 6>(), Amx::MulAdd<3, 4, 6>();
  });
}

double AmxInt8Chain(std::int64_t operations) {
  alignas(64) std::int8_t tile[1024];
  for (std::int8_t& value : tile) value = 1;
  return TileChain(operations, 2 * 16 * 16 * 64, tile, [] {
    asm volatile(
        "tdpbssd %tmm6, %tmm4, %tmm0\n\ttdpbssd %tmm6, %tmm4, %tmm1\n\t"
        "tdpbssd %tmm6, %tmm4, %tmm2\n\ttdpbssd %tmm6, %tmm4, %tmm3");
  });
}

}  // namespace inferometer::cpu
