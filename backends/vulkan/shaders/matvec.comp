// A matrix times few columns: each workgroup takes kRows rows and kColumns columns, each invocation
// every THREADS-th unit of the rows.
//
//   lanes:  0      1      2    ...      a row's units of UNIT weights, 16 bytes side by side
//   rows :  r, r+1 ... r+kRows-1        share what is loaded of the columns
//
// With an RmsNorm on the way it sums the squares of what it reads anyway. With a second matrix the
// result is silu(first) * second. With experts a column is one (token, choice) pair. DOT: the columns are
// int8 (quantize.comp), and packed dot products multiply them.
#version 450
#extension GL_GOOGLE_include_directive : require
#define MATMUL_SHADER 1
#define SUMS 1
#include "interface.h"
#include "common.glsl"

layout(constant_id = 1) const uint kRows = 2;
layout(constant_id = 2) const uint kColumns = 1;
layout(constant_id = 3) const bool kAligned = true;  // rows of the input are whole units
layout(constant_id = 4) const uint kMatrices = 1;
layout(constant_id = 5) const bool kNorm = false;
layout(constant_id = 6) const bool kGated = false;
layout(constant_id = 7) const uint kExperts = 0;  // 1: all of a token's share its input, 2: not

layout(set = 0, binding = BIND_WEIGHT) readonly buffer Weight { uint weight_words[]; };
layout(set = 0, binding = BIND_WEIGHT) readonly buffer WeightVectors { uvec4 weight_vectors[]; };
layout(set = 0, binding = BIND_WEIGHT2) readonly buffer Weight2 { uint weight2_words[]; };
layout(set = 0, binding = BIND_WEIGHT2) readonly buffer Weight2Vectors { uvec4 weight2_vectors[]; };
layout(set = 0, binding = BIND_IN) readonly buffer In { float in_values[]; };
layout(set = 0, binding = BIND_IN) readonly buffer InVectors { vec4 in_vectors[]; };
layout(set = 0, binding = BIND_OUT) buffer Out { float out_values[]; };
layout(set = 0, binding = BIND_BIAS) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = BIND_NORM) readonly buffer Norm { float norm_values[]; };
layout(set = 0, binding = BIND_NORM) readonly buffer NormVectors { vec4 norm_vectors[]; };
layout(set = 0, binding = BIND_IDS) readonly buffer Ids { int ids[]; };

#define WEIGHT_WORD(i) weight_words[i]
#define WEIGHT_VECTOR(i) weight_vectors[i]
#define WEIGHT2_WORD(i) weight2_words[i]
#define WEIGHT2_VECTOR(i) weight2_vectors[i]
#include "formats.glsl"
LOAD_RAW(load_raw, WEIGHT_WORD, WEIGHT_VECTOR)
LOAD_RAW(load_raw2, WEIGHT2_WORD, WEIGHT2_VECTOR)
#define IN_VECTOR(i) in_vectors[i]
#define NORM_VECTOR(i) norm_vectors[i]
#include "columns.glsl"
#include "matrices.glsl"

#ifdef DOT
#include "packed_dot.glsl"
layout(set = 0, binding = BIND_IN) readonly buffer InCodes { uvec4 in_codes[]; };

// 32 weights times 32 values of a column.
float product(Raw raw, uvec4 low, uvec4 high, vec3 scale_sums) {
  int first = 0, last = 0;
  [[unroll]] for (int i = 0; i < 4; ++i) {
    first += packed_dot(int(codes_of(raw, i)), int(low[i]), 0);
    last += packed_dot(int(codes_of(raw, i + 4)), int(high[i]), 0);
  }
#ifdef FORMAT_Q6_K
  const float sum = raw.fine[0] * (float(first) * scale_sums.x - CODE_BIAS * scale_sums.y) +
                    raw.fine[1] * (float(last) * scale_sums.x - CODE_BIAS * scale_sums.z);
  return raw.scale * sum;
#else
  const float all = scale_sums.y + scale_sums.z;
  const float sum = float(first + last) * scale_sums.x - CODE_BIAS * all;
  return fma(raw.scale, sum, raw.offset * all);
#endif
}
#endif

void main() {
  uint block = gl_WorkGroupID.x + gl_WorkGroupID.z * push.wrap;
  const uint first_column = gl_WorkGroupID.y * kColumns;
  const uint columns = step_words[push.count_word] * (kExperts == 0u ? 1u : push.experts_used);
  const MatrixPush matrix = matrix_of(block, kRows);
  const uint first = block * kRows;
  if (first >= matrix.rows || first_column >= columns) return;

  uint row_base = 0u;  // of the expert, in the part
  if (kExperts != 0u) {
    const uint expert = uint(ids[first_column]);
    if (expert < push.first_expert || expert >= push.first_expert + push.experts) return;
    row_base = (expert - push.first_expert) * matrix.rows;
  }
  const uint units = (push.in_width + UNIT - 1u) / UNIT;
  const Planes at = planes_of(matrix);

  float acc[kRows * kColumns];
  float acc2[kRows * kColumns];
  float squares[kColumns];
  uint bases[kColumns];
  [[unroll]] for (uint i = 0u; i < kRows * kColumns; ++i) acc[i] = acc2[i] = 0.0;
  [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
    squares[c] = 0.0;
    bases[c] = base_of(min(first_column + c, columns - 1u));
  }

  for (uint u = THREAD; u < units; u += THREADS) {
    Raw raw[kRows];
    Raw raw2[kRows];
    float part[kRows];  // of one column: scaled once for the unit
    float part2[kRows];
    [[unroll]] for (uint r = 0u; r < kRows; ++r) {
      const uint unit = (row_base + min(first + r, matrix.rows - 1u)) * units + u;
      raw[r] = load_raw(unit, at);
      if (kGated) raw2[r] = load_raw2(unit, at);
      part[r] = part2[r] = 0.0;
    }
#ifdef DOT
    [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
      const uint from = (bases[c] / 32u + u) * (QUANTIZED_WORDS / 4u);
      const uvec4 low = in_codes[from];
      const uvec4 high = in_codes[from + 1u];
      const vec3 scale_sums = uintBitsToFloat(in_codes[from + 2u].xyz);
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {
        acc[r * kColumns + c] += product(raw[r], low, high, scale_sums);
        if (kGated) acc2[r * kColumns + c] += product(raw2[r], low, high, scale_sums);
      }
    }
#else
    vec4 sums = vec4(0.0);
    [[unroll]] for (int i = 0; i < VECTORS; ++i) {
      vec4 x[kColumns];
      [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
        x[c] = load_in(bases[c], u * VECTORS + i);
        if (kNorm) {
          squares[c] = multiply_add(x[c], x[c], squares[c]);
          x[c] *= load_norm(u * VECTORS + i);
        }
      }
      if (kColumns == 1u) {
        sums += x[0];
        [[unroll]] for (uint r = 0u; r < kRows; ++r) {
          part[r] = multiply_add(vector_of(raw[r], i), x[0], part[r]);
          if (kGated) part2[r] = multiply_add(vector_of(raw2[r], i), x[0], part2[r]);
        }
        continue;
      }
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {
        const vec4 w = weights_of(raw[r], i);
        [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
          acc[r * kColumns + c] = multiply_add(w, x[c], acc[r * kColumns + c]);
        }
        if (kGated) {
          const vec4 w2 = weights_of(raw2[r], i);
          [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
            acc2[r * kColumns + c] = multiply_add(w2, x[c], acc2[r * kColumns + c]);
          }
        }
      }
    }
    if (kColumns == 1u) {
      const float sum = dot(sums, vec4(1.0));
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {
        acc[r] = fma(raw[r].scale, part[r], acc[r]);
        if (kGated) acc2[r] = fma(raw2[r].scale, part2[r], acc2[r]);
#ifdef HAS_OFFSET
        acc[r] = fma(raw[r].offset, sum, acc[r]);
        if (kGated) acc2[r] = fma(raw2[r].offset, sum, acc2[r]);
#endif
      }
    }
#endif
  }

  [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
    float factor = 1.0;
    if (kNorm) {
      factor = inversesqrt(sum_over_group(squares[c]) / float(push.in_width) + push.eps);
    }
    [[unroll]] for (uint r = 0u; r < kRows; ++r) {
      const float value = sum_over_group(acc[r * kColumns + c]);
      const float value2 = kGated ? sum_over_group(acc2[r * kColumns + c]) : 0.0;
      if (THREAD == 0u && first + r < matrix.rows && first_column + c < columns) {
        store_result(matrix, first + r, first_column + c, value, value2, factor);
      }
    }
  }
}
