// The AVX-512 kernels, and those of tiles, compiled against SIMDe (SIMD Everywhere), which computes
// each intrinsic portably: their arithmetic is tested on every machine, whatever its processor.
#define SIMDE_ENABLE_NATIVE_ALIASES
#define INFEROMETER_INTRINSICS_HEADER "tests/backends/cpu/simde_intrinsics.h"
#include "backends/cpu/kernels/attention_tiles-inl.h"
#include "backends/cpu/kernels/avx512_vnni-inl.h"
#include "backends/cpu/kernels/brain-inl.h"
#include "backends/cpu/kernels/tile_matmul-inl.h"

namespace inferometer::cpu {
namespace {

float FromBrain(std::uint16_t brain) {
  const std::uint32_t bits = static_cast<std::uint32_t>(brain) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The products of bf16, as VDPBF16PS adds them.
struct EmulatedBrains : Avx512Vnni {
  static constexpr int kBrainChains = 4;
  static inline Floats DotBrain(Floats sum, Bytes w, Bytes x) {
    float sums[16];
    std::uint16_t a[32], b[32];
    std::memcpy(sums, &sum, sizeof sums);
    std::memcpy(a, &w, sizeof a);
    std::memcpy(b, &x, sizeof b);
    for (int i = 0; i < 32; ++i) sums[i / 2] += FromBrain(a[i]) * FromBrain(b[i]);
    return LoadFloats(sums);
  }
  static inline void StoreBrain(std::uint16_t* p, Floats v) {
    std::uint32_t bits[16];
    std::memcpy(bits, &v, sizeof bits);
    for (int i = 0; i < 16; ++i) {
      p[i] = static_cast<std::uint16_t>((bits[i] + 0x7fff + (bits[i] >> 16 & 1)) >> 16);
    }
  }
};

// Tiles as TDPBF16PS multiplies them; used outside Begin and End they are not there.
struct EmulatedTiles {
  struct Tile {
    std::uint8_t rows[16][64];
  };
  static inline thread_local Tile* tiles = nullptr;
  static void Begin() { tiles = new Tile[8]; }
  static void End() {
    delete[] tiles;
    tiles = nullptr;
  }
  template <int kTile>
  static void Zero() {
    tiles[kTile] = {};
  }
  template <int kTile>
  static void Load(const void* p, std::int64_t stride) {
    for (int r = 0; r < 16; ++r) {
      std::memcpy(tiles[kTile].rows[r], static_cast<const char*>(p) + r * stride, 64);
    }
  }
  template <int kTile>
  static void LoadOnce(const void* p, std::int64_t stride) {
    Load<kTile>(p, stride);
  }
  template <int kTile>
  static void Store(void* p, std::int64_t stride) {
    for (int r = 0; r < 16; ++r) {
      std::memcpy(static_cast<char*>(p) + r * stride, tiles[kTile].rows[r], 64);
    }
  }
  template <int kSum, int kX, int kW>
  static void MulAdd() {
    float sums[16][16];
    std::uint16_t x[16][32], w[16][32];
    std::memcpy(sums, &tiles[kSum], sizeof sums);
    std::memcpy(x, &tiles[kX], sizeof x);
    std::memcpy(w, &tiles[kW], sizeof w);
    for (int m = 0; m < 16; ++m) {
      for (int n = 0; n < 16; ++n) {
        for (int k = 0; k < 32; ++k) {
          sums[m][n] += FromBrain(x[m][k]) * FromBrain(w[k / 2][2 * n + k % 2]);
        }
      }
    }
    std::memcpy(&tiles[kSum], sums, sizeof sums);
  }
};

constexpr KernelSet kPlain = MakeKernelSet<Avx512Vnni>("avx512_vnni_emulated", "SIMDe");

KernelSet WithTiles() {
  KernelSet set = kPlain;
  AddBrain<EmulatedBrains>(set, "bf16");
  AddTiles<EmulatedBrains, EmulatedTiles>(set, "tiles");
  AddAttentionTiles<EmulatedBrains, EmulatedTiles>(set);
  return set;
}

}  // namespace

extern const KernelSet kEmulatedAvx512Kernels;
const KernelSet kEmulatedAvx512Kernels = kPlain;
extern const KernelSet kEmulatedTileKernels;
const KernelSet kEmulatedTileKernels = WithTiles();

}  // namespace inferometer::cpu
