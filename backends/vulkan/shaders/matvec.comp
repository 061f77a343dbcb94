// A matrix times few columns: each workgroup takes kRows rows and kColumns columns, each invocation
// every THREADS-th unit of the rows.
//
//   lanes:  0      1      2    ...      a row's units of UNIT weights, 16 bytes side by side
//   rows :  r, r+1 ... r+kRows-1        share what is loaded of the columns
//
// With an RmsNorm on the way it sums the squares of what it reads anyway. With a second matrix the
// result is silu(first) * second. With experts a column is one (token, choice) pair.
#version 450
#extension GL_GOOGLE_include_directive : require
#define MATMUL_SHADER 1
#define SUMS 1
#include "interface.h"
#include "common.glsl"

layout(constant_id = 1) const uint kRows = 2;
layout(constant_id = 2) const uint kColumns = 1;
layout(constant_id = 3) const bool kAligned = true;  // rows of the input are whole units
layout(constant_id = 4) const bool kNorm = false;
layout(constant_id = 5) const bool kGated = false;
layout(constant_id = 6) const uint kExperts = 0;  // 1: all of a token's share its input, 2: not

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

#include "formats.glsl"
UNPACK(unpack, weight_words, weight_vectors)
UNPACK(unpack2, weight2_words, weight2_vectors)

// Vector i of unit u of the column that begins at `base`.
vec4 load_in(uint base, uint u, uint i) {
  if (kAligned) return in_vectors[base / 4u + u * VECTORS + i];
  const uint at = u * UNIT + 4u * i;
  vec4 x = vec4(0.0);
  if (at < push.in_width) x.x = in_values[base + at];
  if (at + 1u < push.in_width) x.y = in_values[base + at + 1u];
  if (at + 2u < push.in_width) x.z = in_values[base + at + 2u];
  if (at + 3u < push.in_width) x.w = in_values[base + at + 3u];
  return x;
}
vec4 load_norm(uint u, uint i) {
  if (kAligned) return norm_vectors[u * VECTORS + i];
  const uint at = u * UNIT + 4u * i;
  vec4 x = vec4(0.0);
  if (at < push.in_width) x.x = norm_values[at];
  if (at + 1u < push.in_width) x.y = norm_values[at + 1u];
  if (at + 2u < push.in_width) x.z = norm_values[at + 2u];
  if (at + 3u < push.in_width) x.w = norm_values[at + 3u];
  return x;
}

float silu(float x) { return x / (1.0 + exp(-x)); }

void main() {
  const uint block = gl_WorkGroupID.x + gl_WorkGroupID.z * push.wrap;
  const uint first_column = gl_WorkGroupID.y * kColumns;
  const uint columns = step_words[push.count_word] * (kExperts == 0u ? 1u : push.experts_used);
  const uint limit = kExperts == 0u ? push.rows : push.expert_rows;
  const uint first = block * kRows;
  if (first >= limit || first_column >= columns) return;

  uint row_base = 0u;  // of the expert, in the part
  if (kExperts != 0u) {
    const uint expert = uint(ids[first_column]);
    if (expert < push.first_expert || expert >= push.first_expert + push.experts) return;
    row_base = (expert - push.first_expert) * push.expert_rows;
  }
  const uint units = (push.in_width + UNIT - 1u) / UNIT;
  const Planes at = Planes(push.high_at, push.scales_at, push.fine_at);

  float acc[kRows * kColumns];
  float acc2[kRows * kColumns];
  float squares[kColumns];
  [[unroll]] for (uint i = 0u; i < kRows * kColumns; ++i) acc[i] = acc2[i] = 0.0;
  [[unroll]] for (uint c = 0u; c < kColumns; ++c) squares[c] = 0.0;
  uint bases[kColumns];
  [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
    const uint column = min(first_column + c, columns - 1u);
    bases[c] = (kExperts == 1u ? column / push.experts_used : column) * push.in_width;
  }

  for (uint u = THREAD; u < units; u += THREADS) {
    [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
      vec4 x[VECTORS];
      vec4 sums = vec4(0.0);
      [[unroll]] for (uint i = 0u; i < VECTORS; ++i) {
        x[i] = load_in(bases[c], u, i);
        if (kNorm) {
          squares[c] += dot(x[i], x[i]);
          x[i] *= load_norm(u, i);
        }
#ifdef HAS_OFFSET
        sums += x[i];
#endif
      }
      const float sum = dot(sums, vec4(1.0));
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {
        const uint row = row_base + min(first + r, limit - 1u);
        vec4 w[VECTORS];
        float scale, offset;
        unpack(row * units + u, at, w, scale, offset);
        vec4 products = vec4(0.0);
        [[unroll]] for (uint i = 0u; i < VECTORS; ++i) products += w[i] * x[i];
        acc[r * kColumns + c] += scale * dot(products, vec4(1.0));
#ifdef HAS_OFFSET
        acc[r * kColumns + c] += offset * sum;
#endif
        if (kGated) {
          unpack2(row * units + u, at, w, scale, offset);
          products = vec4(0.0);
          [[unroll]] for (uint i = 0u; i < VECTORS; ++i) products += w[i] * x[i];
          acc2[r * kColumns + c] += scale * dot(products, vec4(1.0));
#ifdef HAS_OFFSET
          acc2[r * kColumns + c] += offset * sum;
#endif
        }
      }
    }
  }

  [[unroll]] for (uint c = 0u; c < kColumns; ++c) {
    float factor = 1.0;
    if (kNorm) {
      factor = inversesqrt(sum_over_group(squares[c]) / float(push.in_width) + push.eps);
    }
    [[unroll]] for (uint r = 0u; r < kRows; ++r) {
      float value = factor * sum_over_group(acc[r * kColumns + c]);
      if (kGated) value = silu(value) * factor * sum_over_group(acc2[r * kColumns + c]);
      if (THREAD != 0u || first + r >= limit || first_column + c >= columns) continue;
      const uint row = kExperts == 0u ? push.first_row + first + r : first + r;
      const uint to = (first_column + c) * push.out_width + row;
      if ((push.flags & FLAG_BIAS) != 0u) value += bias[row];
      if ((push.flags & FLAG_ACCUMULATE) != 0u) value += out_values[to];
      out_values[to] = value;
    }
  }
}
