// A matrix times few columns or many, for drivers that compute on the processor with subgroups of 8:
// there a load by lane costs as much as dozens of multiplications, and a barrier still more. Each lane
// has kRows rows of its own, so that nothing is summed over lanes; the columns are loaded once for
// all lanes, a vector each, and handed round (by shuffles, which are one instruction; llvmpipe looks
// for an active lane at each broadcast in a loop, 20 cycles):
//
//   lane l, row 8r + l:   32 weights of its row, loaded by itself
//   columns:              vector i of the 32 values is in lane i, and shuffled to all when its turn comes
//
// The rest as in matvec.comp.
#version 450
#extension GL_GOOGLE_include_directive : require
#define MATMUL_SHADER 1
#include "interface.h"
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_samplerless_texture_functions : require
#include "common.glsl"

layout(constant_id = 1) const uint kRows = 2;
layout(constant_id = 2) const uint kColumns = 1;
layout(constant_id = 3) const bool kAligned = true;  // rows of the input are whole units
layout(constant_id = 4) const uint kMatrices = 1;
layout(constant_id = 5) const bool kNorm = false;
layout(constant_id = 6) const bool kGated = false;
layout(constant_id = 7) const uint kExperts = 0;  // 1: all of a token's share its input, 2: not

layout(set = 0, binding = LANES_WEIGHT) uniform utextureBuffer weight_vectors;
layout(set = 0, binding = LANES_WEIGHT_WORDS) uniform utextureBuffer weight_words;
layout(set = 0, binding = LANES_WEIGHT2) uniform utextureBuffer weight2_vectors;
layout(set = 0, binding = LANES_WEIGHT2_WORDS) uniform utextureBuffer weight2_words;
layout(set = 0, binding = LANES_IN) uniform textureBuffer in_vectors;
layout(set = 0, binding = LANES_NORM) uniform textureBuffer norm_vectors;
layout(set = 0, binding = BIND_IN) readonly buffer In { float in_values[]; };
layout(set = 0, binding = BIND_OUT) buffer Out { float out_values[]; };
layout(set = 0, binding = BIND_BIAS) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = BIND_NORM) readonly buffer Norm { float norm_values[]; };
layout(set = 0, binding = BIND_IDS) readonly buffer Ids { int ids[]; };

#define WEIGHT_WORD(i) texelFetch(weight_words, int(i)).x
#define WEIGHT_VECTOR(i) texelFetch(weight_vectors, int(i))
#define WEIGHT2_WORD(i) texelFetch(weight2_words, int(i)).x
#define WEIGHT2_VECTOR(i) texelFetch(weight2_vectors, int(i))
#define IN_VECTOR(i) texelFetch(in_vectors, int(i))
#define NORM_VECTOR(i) texelFetch(norm_vectors, int(i))
#include "formats.glsl"
LOAD_RAW(load_raw, WEIGHT_WORD, WEIGHT_VECTOR)
LOAD_RAW(load_raw2, WEIGHT2_WORD, WEIGHT2_VECTOR)
#include "columns.glsl"
#include "matrices.glsl"

#define LANES 8u

// What follows from vector n of the 32 values of the columns.
#define TURN(n)                                                                        \
  {                                                                                    \
    const int i = (n) % VECTORS;                                                       \
    if (i == 0) {                                                                      \
      const uint u = min(k / UNIT + (n) / VECTORS, units - 1u);                        \
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {                                   \
        raw[r] = load_raw(rows[r] + unit_place(u, LANES_TOGETHER), at);                \
        if (kGated) raw2[r] = load_raw2(rows[r] + unit_place(u, LANES_TOGETHER), at);  \
        part[r] = part2[r] = 0.0;                                                      \
      }                                                                                \
      sums = vec4(0.0);                                                                \
    }                                                                                  \
    if (kColumns == 1u) {                                                              \
      const vec4 y = subgroupShuffle(x[0], n);                                         \
      sums += y;                                                                       \
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {                                   \
        part[r] = multiply_add(vector_of(raw[r], i), y, part[r]);                      \
        if (kGated) part2[r] = multiply_add(vector_of(raw2[r], i), y, part2[r]);       \
      }                                                                                \
      if (i == VECTORS - 1) {                                                          \
        const float sum = dot(sums, vec4(1.0));                                        \
        [[unroll]] for (uint r = 0u; r < kRows; ++r) {                                 \
          acc[r] = fma(raw[r].scale, part[r], fma(raw[r].offset, sum, acc[r]));        \
          if (kGated) {                                                                \
            acc2[r] = fma(raw2[r].scale, part2[r], fma(raw2[r].offset, sum, acc2[r])); \
          }                                                                            \
        }                                                                              \
      }                                                                                \
    } else {                                                                           \
      vec4 w[kRows];                                                                   \
      vec4 w2[kRows];                                                                  \
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {                                   \
        w[r] = weights_of(raw[r], i);                                                  \
        if (kGated) w2[r] = weights_of(raw2[r], i);                                    \
      }                                                                                \
      [[unroll]] for (int e = 0; e < 4; ++e) {                                         \
        [[unroll]] for (uint c = 0u; c < kColumns; ++c) {                              \
          const float y = subgroupShuffle(x[c][e], n);                                 \
          [[unroll]] for (uint r = 0u; r < kRows; ++r) {                               \
            const uint a = r * kColumns + c;                                           \
            acc[a] = fma(w[r][e], y, acc[a]);                                          \
            if (kGated) acc2[a] = fma(w2[r][e], y, acc2[a]);                           \
          }                                                                            \
        }                                                                              \
      }                                                                                \
    }                                                                                  \
  }

void main() {
  uint block = gl_WorkGroupID.x + gl_WorkGroupID.z * push.wrap;
  const uint first_column = gl_WorkGroupID.y * kColumns;
  const uint columns = step_words[push.count_word] * (kExperts == 0u ? 1u : push.experts_used);
  const MatrixPush matrix = matrix_of(block, kRows * LANES);
  const uint first = block * kRows * LANES;
  if (first >= matrix.rows || first_column >= columns) return;

  uint row_base = 0u;  // of the expert, in the part
  if (kExperts != 0u) {
    const uint expert = uint(ids[first_column]);
    if (expert < push.first_expert || expert >= push.first_expert + push.experts) return;
    row_base = (expert - push.first_expert) * matrix.rows;
  }
  const uint units = (push.in_width + UNIT - 1u) / UNIT;
  const Planes at = planes_of(matrix);
  const uint lane = THREAD;

  float acc[kRows * kColumns];
  float acc2[kRows * kColumns];
  float squares[kColumns];
  uint bases[kColumns];
  uint rows[kRows];
  [[unroll]] for (uint i = 0u; i < kRows * kColumns; ++i) acc[i] = acc2[i] = 0.0;
  [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
    squares[c] = 0.0;
    bases[c] = base_of(min(first_column + c, columns - 1u));
  }
  [[unroll]] for (uint r = 0u; r < kRows; ++r) {
    const uint row = row_base + min(first + LANES * r + lane, matrix.rows - 1u);
    rows[r] = row_place(row, units, LANES_TOGETHER);
  }

  for (uint k = 0u; k < push.in_width; k += 4u * LANES) {
    // Vector `lane` of the 32 values; beyond the width it is zero.
    const uint vector = k / 4u + lane;
    const bool inside = 4u * vector < push.in_width;
    vec4 x[kColumns];
    const vec4 norm = kNorm && inside ? load_norm(vector) : vec4(0.0);
    [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
      x[c] = inside ? load_in(bases[c], vector) : vec4(0.0);
      if (kNorm) {
        squares[c] = multiply_add(x[c], x[c], squares[c]);
        x[c] *= norm;
      }
    }
    Raw raw[kRows];
    Raw raw2[kRows];
    float part[kRows];  // of one column: scaled once for the unit
    float part2[kRows];
    vec4 sums;
    TURN(0)
    TURN(1)
    TURN(2)
    TURN(3)
    TURN(4)
    TURN(5)
    TURN(6)
    TURN(7)
  }

  [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
    float factor = 1.0;
    if (kNorm) factor = inversesqrt(subgroupAdd(squares[c]) / float(push.in_width) + push.eps);
    [[unroll]] for (uint r = 0u; r < kRows; ++r) {
      const uint row = first + LANES * r + lane;
      if (row < matrix.rows && first_column + c < columns) {
        store_result(matrix, row, first_column + c, acc[r * kColumns + c], acc2[r * kColumns + c], factor);
      }
    }
  }
}
