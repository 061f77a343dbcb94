// The vector layer on AArch64's 128-bit registers, two at a time: 8 rows a group. The int8 dot has
// several forms and is added by each instruction set.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_NEON_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_NEON_INL_H_

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

#include "backends/cpu/kernels/kernel_set-inl.h"

namespace inferometer::cpu {
namespace {

struct NeonVector {
  using Bytes = uint8x16x2_t;
  using Ints = int32x4x2_t;
  using Floats = float32x4x2_t;
  static constexpr int kRows = 8;
  static constexpr bool kOffsetQ8 = false;  // SDOT and SMULL take signed codes
  // 32 registers: 4 columns x (integer sum, float sum) x 2 = 16, beside codes and scales.
  static constexpr int kColumns = 4, kTileGroups = 1, kStreams = 2;
  // Floats alone: 8 columns x 2 = 16 sums, beside 2 weights and 8 activations, which GCC loads
  // first.
  static constexpr int kFloatColumns = 8, kFloatGroups = 1;
  static constexpr int kQueryTile = 4, kSums = 8;  // two registers each

  static inline Bytes LoadBytes(const std::uint8_t* p) { return {{vld1q_u8(p), vld1q_u8(p + 16)}}; }
  static inline void StoreBytes(std::uint8_t* p, Bytes v) {
    vst1q_u8(p, v.val[0]);
    vst1q_u8(p + 16, v.val[1]);
  }
  static inline Bytes BroadcastQuad(const std::int8_t* p) {
    std::uint32_t quad;
    std::memcpy(&quad, p, sizeof quad);
    const uint8x16_t v = vreinterpretq_u8_u32(vdupq_n_u32(quad));
    return {{v, v}};
  }
  template <int kMask>
  static inline Bytes AndMask(Bytes v) {
    const uint8x16_t mask = vdupq_n_u8(kMask);
    return {{vandq_u8(v.val[0], mask), vandq_u8(v.val[1], mask)}};
  }
  template <int kBits>
  static inline Bytes ShiftRight(Bytes v) {
    return {{vshrq_n_u8(v.val[0], kBits), vshrq_n_u8(v.val[1], kBits)}};
  }
  template <int kBits>
  static inline Bytes ShiftLeft(Bytes v) {
    return {{vshlq_n_u8(v.val[0], kBits), vshlq_n_u8(v.val[1], kBits)}};
  }
  static inline Bytes LookUp(const std::uint8_t (&table)[16], Bytes v) {
    const uint8x16_t values = vld1q_u8(table);
    return {{vqtbl1q_u8(values, v.val[0]), vqtbl1q_u8(values, v.val[1])}};
  }
  static inline Bytes Or(Bytes a, Bytes b) {
    return {{vorrq_u8(a.val[0], b.val[0]), vorrq_u8(a.val[1], b.val[1])}};
  }
  static inline Bytes Xor(Bytes a, Bytes b) {
    return {{veorq_u8(a.val[0], b.val[0]), veorq_u8(a.val[1], b.val[1])}};
  }

  static inline Floats Set(float x) { return {{vdupq_n_f32(x), vdupq_n_f32(x)}}; }
  static inline Floats LoadFloats(const float* p) { return {{vld1q_f32(p), vld1q_f32(p + 4)}}; }
  static inline void StoreFloats(float* p, Floats v) {
    vst1q_f32(p, v.val[0]);
    vst1q_f32(p + 4, v.val[1]);
  }
  static inline Floats LoadHalf(const std::uint8_t* p) {
    const float16x8_t v = vreinterpretq_f16_u8(vld1q_u8(p));
    return {{vcvt_f32_f16(vget_low_f16(v)), vcvt_high_f32_f16(v)}};
  }
  static inline Floats LoadBrain(const std::uint8_t* p) {
    const uint16x8_t v = vreinterpretq_u16_u8(vld1q_u8(p));
    return {{vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(v), 16)),
             vreinterpretq_f32_u32(vshll_n_u16(vget_high_u16(v), 16))}};
  }
  static inline void StoreHalf(std::uint16_t* p, Floats v) {
    const float16x8_t halves = vcombine_f16(vcvt_f16_f32(v.val[0]), vcvt_f16_f32(v.val[1]));
    vst1q_u16(p, vreinterpretq_u16_f16(halves));
  }
  static inline Floats LoadU8(const std::uint8_t* p) {
    const uint16x8_t v = vmovl_u8(vld1_u8(p));
    return {
        {vcvtq_f32_u32(vmovl_u16(vget_low_u16(v))), vcvtq_f32_u32(vmovl_u16(vget_high_u16(v)))}};
  }
  static inline Floats LoadI8(const std::uint8_t* p) {
    const int16x8_t v = vmovl_s8(vreinterpret_s8_u8(vld1_u8(p)));
    return {
        {vcvtq_f32_s32(vmovl_s16(vget_low_s16(v))), vcvtq_f32_s32(vmovl_s16(vget_high_s16(v)))}};
  }
  static inline Floats Add(Floats a, Floats b) {
    return {{vaddq_f32(a.val[0], b.val[0]), vaddq_f32(a.val[1], b.val[1])}};
  }
  static inline Floats Sub(Floats a, Floats b) {
    return {{vsubq_f32(a.val[0], b.val[0]), vsubq_f32(a.val[1], b.val[1])}};
  }
  static inline Floats Mul(Floats a, Floats b) {
    return {{vmulq_f32(a.val[0], b.val[0]), vmulq_f32(a.val[1], b.val[1])}};
  }
  static inline Floats Div(Floats a, Floats b) {
    return {{vdivq_f32(a.val[0], b.val[0]), vdivq_f32(a.val[1], b.val[1])}};
  }
  static inline Floats Max(Floats a, Floats b) {
    return {{vmaxq_f32(a.val[0], b.val[0]), vmaxq_f32(a.val[1], b.val[1])}};
  }
  static inline Floats Min(Floats a, Floats b) {
    return {{vminq_f32(a.val[0], b.val[0]), vminq_f32(a.val[1], b.val[1])}};
  }
  static inline Floats Abs(Floats a) { return {{vabsq_f32(a.val[0]), vabsq_f32(a.val[1])}}; }
  static inline Floats MulAdd(Floats a, Floats b, Floats c) {
    return {{vfmaq_f32(c.val[0], a.val[0], b.val[0]), vfmaq_f32(c.val[1], a.val[1], b.val[1])}};
  }
  static inline Floats NegMulAdd(Floats a, Floats b, Floats c) {
    return {{vfmsq_f32(c.val[0], a.val[0], b.val[0]), vfmsq_f32(c.val[1], a.val[1], b.val[1])}};
  }
  static inline Floats Round(Floats v) { return {{vrndnq_f32(v.val[0]), vrndnq_f32(v.val[1])}}; }
  static inline Floats TimesPowerOf2(Floats v, Floats n) {
    const auto one = [](float32x4_t x, float32x4_t e) {
      return vreinterpretq_f32_s32(
          vaddq_s32(vreinterpretq_s32_f32(x), vshlq_n_s32(vcvtnq_s32_f32(e), 23)));
    };
    return {{one(v.val[0], n.val[0]), one(v.val[1], n.val[1])}};
  }
  static inline Floats ZeroWhereBelow(Floats v, Floats x, Floats limit) {
    const auto one = [](float32x4_t value, float32x4_t a, float32x4_t b) {
      return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(value), vcltq_f32(a, b)));
    };
    return {{one(v.val[0], x.val[0], limit.val[0]), one(v.val[1], x.val[1], limit.val[1])}};
  }
  static inline float ReduceAdd(Floats v) { return vaddvq_f32(vaddq_f32(v.val[0], v.val[1])); }
  static inline float ReduceMax(Floats v) { return vmaxvq_f32(vmaxq_f32(v.val[0], v.val[1])); }

  static inline Ints ZeroInts() { return {{vdupq_n_s32(0), vdupq_n_s32(0)}}; }
  static inline Ints AddInts(Ints a, Ints b) {
    return {{vaddq_s32(a.val[0], b.val[0]), vaddq_s32(a.val[1], b.val[1])}};
  }
  static inline Floats ToFloats(Ints v) {
    return {{vcvtq_f32_s32(v.val[0]), vcvtq_f32_s32(v.val[1])}};
  }
  static inline Ints RoundToInts(Floats v) {
    return {{vcvtnq_s32_f32(v.val[0]), vcvtnq_s32_f32(v.val[1])}};
  }
  static inline std::int32_t ReduceAddInts(Ints v) {
    return vaddvq_s32(vaddq_s32(v.val[0], v.val[1]));
  }
  static inline void StoreAsInt8(std::int8_t* p, Ints v) {
    const int16x8_t words = vcombine_s16(vqmovn_s32(v.val[0]), vqmovn_s32(v.val[1]));
    vst1_s8(p, vqmovn_s16(words));
  }
  static inline Floats Opaque(Floats v) {
    asm("" : "+w"(v.val[0]), "+w"(v.val[1]));
    return v;
  }
  static inline Bytes OpaqueBytes(Bytes v) {
    asm("" : "+w"(v.val[0]), "+w"(v.val[1]));
    return v;
  }
  static inline Ints OpaqueInts(Ints v) {
    asm volatile("" : "+w"(v.val[0]), "+w"(v.val[1]));
    return v;
  }

  // Probes (probes-inl.h). 32 registers hold 12 chains of two beside their operands. STNP hints
  // that the line will not be needed again.
  static constexpr bool kPastCaches = true;
  static constexpr int kPeakChains = 12, kPeakDots = 12;
  static inline void StreamBytes(std::uint8_t* p, Bytes v) {
    asm volatile("stnp %q0, %q1, [%2]" : : "w"(v.val[0]), "w"(v.val[1]), "r"(p) : "memory");
  }
  static inline void StreamFloats(float* p, Floats v) {
    asm volatile("stnp %q0, %q1, [%2]" : : "w"(v.val[0]), "w"(v.val[1]), "r"(p) : "memory");
  }
  static inline void DrainStores() {}

 protected:
  static inline int8x16_t Signed(uint8x16_t v) { return vreinterpretq_s8_u8(v); }
};

}  // namespace
}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_NEON_INL_H_
