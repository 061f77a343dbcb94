// A matrix times many columns: a workgroup of 64 computes 64 rows x 32 columns through shared memory.
//
//   rows    64, a unit of 32 weights of each unpacked by one invocation
//   columns 32, their 32 values loaded as vectors
//   invocation (i, j), i, j = 0..7: rows 8i .. 8i+7, columns 4j .. 4j+3, in registers
#version 450
#extension GL_GOOGLE_include_directive : require
#define MATMUL_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(constant_id = 3) const bool kAligned = true;

layout(set = 0, binding = BIND_WEIGHT) readonly buffer Weight { uint weight_words[]; };
layout(set = 0, binding = BIND_WEIGHT) readonly buffer WeightVectors { uvec4 weight_vectors[]; };
layout(set = 0, binding = BIND_IN) readonly buffer In { float in_values[]; };
layout(set = 0, binding = BIND_IN) readonly buffer InVectors { vec4 in_vectors[]; };
layout(set = 0, binding = BIND_OUT) buffer Out { float out_values[]; };
layout(set = 0, binding = BIND_BIAS) readonly buffer Bias { float bias[]; };

#include "formats.glsl"
LOAD_RAW(load_raw, weight_words, weight_vectors)

#define TILE_ROWS 64u
#define TILE_COLUMNS 32u
#define DEPTH 32u
#define STRIDE_A (TILE_ROWS / 4u + 1u)
#define STRIDE_B (TILE_COLUMNS / 4u + 1u)

shared vec4 tile_a[DEPTH * STRIDE_A];
shared vec4 tile_b[DEPTH * STRIDE_B];

void store_a(uint k, uint row, float value) { tile_a[k * STRIDE_A + row / 4u][row % 4u] = value; }

void main() {
  const uint block = gl_WorkGroupID.x + gl_WorkGroupID.z * push.wrap;
  const uint first_row = block * TILE_ROWS;
  const uint first_column = gl_WorkGroupID.y * TILE_COLUMNS;
  const uint columns = step_words[push.count_word];
  if (first_row >= push.rows || first_column >= columns) return;
  const uint units = (push.in_width + UNIT - 1u) / UNIT;
  const Planes at = Planes(push.high_at, push.scales_at, push.fine_at);
  const uint i = THREAD / 8u;
  const uint j = THREAD % 8u;

  vec4 acc[8];
  [[unroll]] for (uint r = 0u; r < 8u; ++r) acc[r] = vec4(0.0);

  for (uint k0 = 0u; k0 < push.in_width; k0 += DEPTH) {
    const uint row = min(first_row + THREAD, push.rows - 1u);
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
      vec4 x = vec4(0.0);
      if (kAligned) {
        if (k < push.in_width) x = in_vectors[(column * push.in_width + k) / 4u];
      } else {
        const uint base = column * push.in_width;
        if (k < push.in_width) x.x = in_values[base + k];
        if (k + 1u < push.in_width) x.y = in_values[base + k + 1u];
        if (k + 2u < push.in_width) x.z = in_values[base + k + 2u];
        if (k + 3u < push.in_width) x.w = in_values[base + k + 3u];
      }
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

  [[unroll]] for (uint r = 0u; r < 8u; ++r) {
    const uint row = first_row + 8u * i + r;
    if (row >= push.rows) continue;
    [[unroll]] for (uint e = 0u; e < 4u; ++e) {
      const uint column = first_column + 4u * j + e;
      if (column >= columns) continue;
      const uint to = column * push.out_width + push.first_row + row;
      float value = acc[r][e];
      if ((push.flags & FLAG_BIAS) != 0u) value += bias[push.first_row + row];
      if ((push.flags & FLAG_ACCUMULATE) != 0u) value += out_values[to];
      out_values[to] = value;
    }
  }
}
