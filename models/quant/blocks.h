// The quantized blocks of GGUF files, bit for bit, as plain structs that C++, GLSL and OpenCL C all
// read: nothing here but #if, #define and structs.
//
// Layouts are those that ggml publishes (ggml/src/ggml-common.h of llama.cpp). All numbers are
// little-endian; `d`, `m` and `dmin` are the bits of an IEEE 754 binary16. A nibble drawing
// `hhhhllll` shows one byte, highest bit left. Every struct is aligned to 2 bytes at most and holds
// no padding, in C++ and in GLSL's scalar layout alike.
//
// GLSL needs GL_EXT_shader_explicit_arithmetic_types_int8 and _int16 and the 8 and 16 bit storage
// extensions, enabled by whoever includes this.
#ifndef INFEROMETER_MODELS_QUANT_BLOCKS_H_
#define INFEROMETER_MODELS_QUANT_BLOCKS_H_

#if defined(__OPENCL_C_VERSION__)
#define QUANT_I8 char
#define QUANT_U8 uchar
#define QUANT_U16 ushort
#elif defined(GL_core_profile) || defined(VULKAN)
#define QUANT_I8 int8_t
#define QUANT_U8 uint8_t
#define QUANT_U16 uint16_t
#else
#include <cstdint>
#define QUANT_I8 std::int8_t
#define QUANT_U8 std::uint8_t
#define QUANT_U16 std::uint16_t
namespace inferometer {
#endif

// 32 weights, 34 bytes: w[i] = d * qs[i].
struct BlockQ8_0 {
  QUANT_U16 d;
  QUANT_I8 qs[32];
};

// 32 weights, 18 bytes: w = d * (q - 8), q of 4 bits.
//   qs[j], j = 0..15:  hhhhllll   llll = q of weight j, hhhh = q of weight j + 16
struct BlockQ4_0 {
  QUANT_U16 d;
  QUANT_U8 qs[16];
};

// 32 weights, 20 bytes: w = d * q + m; qs as in BlockQ4_0.
struct BlockQ4_1 {
  QUANT_U16 d;
  QUANT_U16 m;
  QUANT_U8 qs[16];
};

// 32 weights, 22 bytes: w = d * (q - 16), q of 5 bits: the low four in qs as in BlockQ4_0, the
// fifth of weight i is bit i % 8 of qh[i / 8].
struct BlockQ5_0 {
  QUANT_U16 d;
  QUANT_U8 qh[4];
  QUANT_U8 qs[16];
};

// 32 weights, 24 bytes: w = d * q + m; q as in BlockQ5_0.
struct BlockQ5_1 {
  QUANT_U16 d;
  QUANT_U16 m;
  QUANT_U8 qh[4];
  QUANT_U8 qs[16];
};

// 256 weights in 8 groups of 32, 144 bytes: w = (d * scale[g]) * q - dmin * min[g], q of 4 bits,
// scale and min of 6 bits each.
//   scales[k], k = 0..3:   SSssssss   ssssss = scale[k],    SS = high two bits of scale[k + 4]
//   scales[k + 4]:         MMmmmmmm   mmmmmm = min[k],      MM = high two bits of min[k + 4]
//   scales[k + 8]:         nnnntttt   tttt = low four bits of scale[k + 4], nnnn = of min[k + 4]
//   qs[32 * p + j], p = 0..3, j = 0..31:
//                          hhhhllll   llll = q of weight 64p + j, hhhh = q of weight 64p + 32 + j
struct BlockQ4_K {
  QUANT_U16 d;
  QUANT_U16 dmin;
  QUANT_U8 scales[12];
  QUANT_U8 qs[128];
};

// 256 weights in 8 groups of 32, 176 bytes: as BlockQ4_K with q of 5 bits; the fifth bit of weight
// 32g + j is bit g of qh[j].
struct BlockQ5_K {
  QUANT_U16 d;
  QUANT_U16 dmin;
  QUANT_U8 scales[12];
  QUANT_U8 qh[32];
  QUANT_U8 qs[128];
};

// 256 weights in 16 groups of 16, 210 bytes: w = (d * scales[g]) * (q - 32), q of 6 bits. In each
// half h = 0, 1 of 128 weights, j = 0..31 and the four runs of 32 weights numbered 0..3:
//   ql[64h + j]:       hhhhllll   llll = low bits of run 0, hhhh = of run 2
//   ql[64h + 32 + j]:  hhhhllll   llll = low bits of run 1, hhhh = of run 3
//   qh[32h + j]:       ddccbbaa   high two bits of runs 0 (aa), 1 (bb), 2 (cc), 3 (dd)
struct BlockQ6_K {
  QUANT_U8 ql[128];
  QUANT_U8 qh[64];
  QUANT_I8 scales[16];
  QUANT_U16 d;
};

// 32 weights, 18 bytes: w = d * value[q], q as in BlockQ4_0.
#define QUANT_IQ4_NL_VALUES -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
struct BlockIQ4_NL {
  QUANT_U16 d;
  QUANT_U8 qs[16];
};

// 32 weights, 17 bytes: w = 2^(e - 128) * value[q], q as in BlockQ4_0: twice the E2M1 numbers of
// the OCP Microscaling Formats specification 1.0 with half its E8M0 scale.
#define QUANT_MXFP4_VALUES 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12
struct BlockMXFP4 {
  QUANT_U8 e;
  QUANT_U8 qs[16];
};

#if defined(__OPENCL_C_VERSION__)
typedef struct BlockQ8_0 BlockQ8_0;
typedef struct BlockQ4_0 BlockQ4_0;
typedef struct BlockQ4_1 BlockQ4_1;
typedef struct BlockQ5_0 BlockQ5_0;
typedef struct BlockQ5_1 BlockQ5_1;
typedef struct BlockQ4_K BlockQ4_K;
typedef struct BlockQ5_K BlockQ5_K;
typedef struct BlockQ6_K BlockQ6_K;
typedef struct BlockIQ4_NL BlockIQ4_NL;
typedef struct BlockMXFP4 BlockMXFP4;
#elif !(defined(GL_core_profile) || defined(VULKAN))
static_assert(sizeof(BlockQ8_0) == 34);
static_assert(sizeof(BlockQ4_0) == 18);
static_assert(sizeof(BlockQ4_1) == 20);
static_assert(sizeof(BlockQ5_0) == 22);
static_assert(sizeof(BlockQ5_1) == 24);
static_assert(sizeof(BlockQ4_K) == 144);
static_assert(sizeof(BlockQ5_K) == 176);
static_assert(sizeof(BlockQ6_K) == 210);
static_assert(sizeof(BlockIQ4_NL) == 18);
static_assert(sizeof(BlockMXFP4) == 17);
}  // namespace inferometer
#endif

#undef QUANT_I8
#undef QUANT_U8
#undef QUANT_U16

#endif  // INFEROMETER_MODELS_QUANT_BLOCKS_H_
