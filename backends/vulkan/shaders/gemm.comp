// A matrix times many columns: a workgroup of 64 computes 64 rows x 32 columns through shared memory.
//
//   rows    64, a unit of 32 weights of each unpacked by one invocation
//   columns 32, their 32 values loaded as vectors
//   invocation (i, j), i, j = 0..7: rows 8i .. 8i+7, columns 4j .. 4j+3, in registers
//
// DOT: codes stand in the tiles instead of values, four to a word, and are multiplied by packed dot
// products; the columns are int8 (quantize.comp). Each unit's sums are scaled once.
#version 450
#extension GL_GOOGLE_include_directive : require
#define MATMUL_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(constant_id = 3) const bool kAligned = true;
layout(constant_id = 4) const uint kMatrices = 1;

layout(set = 0, binding = BIND_WEIGHT) readonly buffer Weight { uint weight_words[]; };
layout(set = 0, binding = BIND_WEIGHT) readonly buffer WeightVectors { uvec4 weight_vectors[]; };
layout(set = 0, binding = BIND_IN) readonly buffer In { float in_values[]; };
layout(set = 0, binding = BIND_IN) readonly buffer InVectors { vec4 in_vectors[]; };
layout(set = 0, binding = BIND_OUT) buffer Out { float out_values[]; };
layout(set = 0, binding = BIND_BIAS) readonly buffer Bias { float bias[]; };

#define WEIGHT_WORD(i) weight_words[i]
#define WEIGHT_VECTOR(i) weight_vectors[i]
#include "formats.glsl"
LOAD_RAW(load_raw, WEIGHT_WORD, WEIGHT_VECTOR)
#include "matrices.glsl"
#include "tiles.glsl"

#define TILE_ROWS 64u
#define TILE_COLUMNS 32u
#define DEPTH 32u
#ifdef DOT
#include "packed_dot.glsl"
layout(set = 0, binding = BIND_IN) readonly buffer InCodes { uvec4 in_codes[]; };

#define WORDS 8u  // of four codes
#define STRIDE_A (TILE_ROWS + 4u)
#define STRIDE_B (TILE_COLUMNS + 4u)
#ifdef FORMAT_Q6_K
#define HALVES 2  // with scales of their own
#else
#define HALVES 1
#endif

shared uint tile_a[WORDS * STRIDE_A];
shared uint tile_b[WORDS * STRIDE_B];
shared float scale_a[HALVES][TILE_ROWS];
shared float offset_a[HALVES][TILE_ROWS];
shared vec4 scale_b[TILE_COLUMNS];  // scale, sum of each half

// One unit of each row and column into the tiles.
void fill(uint row, uint first_column, uint columns, uint u, uint units, Planes at) {
  const Raw raw = load_raw(row * units + u, at);
  [[unroll]] for (int i = 0; i < 8; ++i) tile_a[i * STRIDE_A + THREAD] = codes_of(raw, i);
#ifdef FORMAT_Q6_K
  [[unroll]] for (int h = 0; h < 2; ++h) {
    scale_a[h][THREAD] = raw.scale * raw.fine[h];
    offset_a[h][THREAD] = -CODE_BIAS * raw.scale * raw.fine[h];
  }
#else
  scale_a[0][THREAD] = raw.scale;
  offset_a[0][THREAD] = raw.offset - CODE_BIAS * raw.scale;
#endif
  if (THREAD < TILE_COLUMNS) {
    const uint column = min(first_column + THREAD, columns - 1u);
    const uint from = (column * units + u) * (QUANTIZED_WORDS / 4u);
    const uvec4 low = in_codes[from];
    const uvec4 high = in_codes[from + 1u];
    [[unroll]] for (uint i = 0u; i < 4u; ++i) {
      tile_b[i * STRIDE_B + THREAD] = low[i];
      tile_b[(i + 4u) * STRIDE_B + THREAD] = high[i];
    }
    scale_b[THREAD] = uintBitsToFloat(in_codes[from + 2u]);
  }
}

void multiply(uint i, uint j, inout vec4 acc[8]) {
  [[unroll]] for (int h = 0; h < HALVES; ++h) {
    ivec4 sums[8];
    [[unroll]] for (uint r = 0u; r < 8u; ++r) sums[r] = ivec4(0);
    [[unroll]] for (uint w = 0u; w < WORDS / HALVES; ++w) {
      const uint word = h * (WORDS / HALVES) + w;
      uint b[4];
      [[unroll]] for (uint e = 0u; e < 4u; ++e) b[e] = tile_b[word * STRIDE_B + 4u * j + e];
      [[unroll]] for (uint r = 0u; r < 8u; ++r) {
        const int a = int(tile_a[word * STRIDE_A + 8u * i + r]);
        [[unroll]] for (uint e = 0u; e < 4u; ++e) sums[r][e] += packed_dot(a, int(b[e]), 0);
      }
    }
    vec4 scales, totals;  // of the columns
    [[unroll]] for (uint e = 0u; e < 4u; ++e) {
      const vec4 b = scale_b[4u * j + e];
      scales[e] = b.x;
      totals[e] = HALVES == 2 ? b[1 + h] : b.y + b.z;
    }
    [[unroll]] for (uint r = 0u; r < 8u; ++r) {
      acc[r] += scale_a[h][8u * i + r] * scales * vec4(sums[r]) + offset_a[h][8u * i + r] * totals;
    }
  }
}
#else
#define STRIDE_A (TILE_ROWS / 4u + 1u)
#define STRIDE_B (TILE_COLUMNS / 4u + 1u)

shared vec4 tile_a[DEPTH * STRIDE_A];
shared vec4 tile_b[DEPTH * STRIDE_B];

void store_a(uint k, uint row, float value) { tile_a[k * STRIDE_A + row / 4u][row % 4u] = value; }
#endif

void main() {
  uint block = gl_WorkGroupID.x + gl_WorkGroupID.z * push.wrap;
  const MatrixPush matrix = matrix_of(block, TILE_ROWS);
  const uint first_row = block * TILE_ROWS;
  const uint first_column = gl_WorkGroupID.y * TILE_COLUMNS;
  const uint columns = step_words[push.count_word];
  if (first_row >= matrix.rows || first_column >= columns) return;
  const uint units = (push.in_width + UNIT - 1u) / UNIT;
  const Planes at = planes_of(matrix);
  const uint i = THREAD / 8u;
  const uint j = THREAD % 8u;

  vec4 acc[8];
  [[unroll]] for (uint r = 0u; r < 8u; ++r) acc[r] = vec4(0.0);

#ifdef DOT
  for (uint u = 0u; u < units; ++u) {
    fill(min(first_row + THREAD, matrix.rows - 1u), first_column, columns, u, units, at);
    barrier();
    multiply(i, j, acc);
    barrier();
  }
#else
  for (uint k0 = 0u; k0 < push.in_width; k0 += DEPTH) {
    const uint row = min(first_row + THREAD, matrix.rows - 1u);
    [[unroll]] for (uint part = 0u; part < DEPTH / UNIT; ++part) {
      const uint u = k0 / UNIT + part;
      Raw raw = load_raw(row * units + min(u, units - 1u), at);
      [[unroll]] for (int v = 0; v < VECTORS; ++v) {
        const vec4 value = u < units ? weights_of(raw, v) : vec4(0.0);
        [[unroll]] for (uint e = 0u; e < 4u; ++e) {
          store_a(part * UNIT + 4u * v + e, THREAD, value[e]);
        }
      }
    }
    // 32 columns of 8 vectors each: four for each invocation.
    [[unroll]] for (uint n = 0u; n < 4u; ++n) {
      const uint index = n * 64u + THREAD;
      const uint c = index / 8u;
      const uint k = k0 + 4u * (index % 8u);
      const uint column = min(first_column + c, columns - 1u);
      const vec4 x = load_column(column, k);
      [[unroll]] for (uint e = 0u; e < 4u; ++e) {
        tile_b[(k - k0 + e) * STRIDE_B + c / 4u][c % 4u] = x[e];
      }
    }
    barrier();
    for (uint k = 0u; k < DEPTH; ++k) {
      const vec4 a0 = tile_a[k * STRIDE_A + 2u * i];
      const vec4 a1 = tile_a[k * STRIDE_A + 2u * i + 1u];
      const vec4 b = tile_b[k * STRIDE_B + j];
      acc[0] += a0.x * b;
      acc[1] += a0.y * b;
      acc[2] += a0.z * b;
      acc[3] += a0.w * b;
      acc[4] += a1.x * b;
      acc[5] += a1.y * b;
      acc[6] += a1.z * b;
      acc[7] += a1.w * b;
    }
    barrier();
  }
#endif

  [[unroll]] for (uint r = 0u; r < 8u; ++r) {
    const uint row = first_row + 8u * i + r;
    if (row >= matrix.rows) continue;
    [[unroll]] for (uint e = 0u; e < 4u; ++e) {
      const uint column = first_column + 4u * j + e;
      if (column >= columns) continue;
      store_value(matrix, row, column, acc[r][e]);
    }
  }
}
