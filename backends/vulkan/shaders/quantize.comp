// Columns of activations in int8, for matrices that packed dot products multiply: 32 values share a
// scale, as in q8_0. Each invocation takes a unit of 32:
//
//   out, 12 words a unit:  8 of four codes each | scale, sum of the first 16, of the last 16 | nothing
//
// where the sums are of what the codes stand for. With an RmsNorm on the way one workgroup takes a whole
// column, else as many as it has units for.
#version 450
#extension GL_GOOGLE_include_directive : require
#define QUANTIZE_SHADER 1
#define SUMS 1
#include "interface.h"
#include "common.glsl"

layout(constant_id = 1) const bool kNorm = false;

layout(set = 0, binding = QUANTIZE_IN) readonly buffer In { vec4 in_vectors[]; };
layout(set = 0, binding = QUANTIZE_NORM) readonly buffer Norm { vec4 norm_vectors[]; };
layout(set = 0, binding = QUANTIZE_OUT) writeonly buffer Out { uvec4 out_vectors[]; };

uint pack(ivec4 codes) {
  const uvec4 bytes = uvec4(codes) & 255u;
  return bytes.x | bytes.y << 8 | bytes.z << 16 | bytes.w << 24;
}

void quantize(uint column, uint unit, uint units, float factor) {
  vec4 x[8];
  vec4 most = vec4(0.0);
  [[unroll]] for (uint i = 0u; i < 8u; ++i) {
    x[i] = in_vectors[(column * units + unit) * 8u + i] * factor;
    if (kNorm) x[i] *= norm_vectors[unit * 8u + i];
    most = max(most, abs(x[i]));
  }
  const float scale = max(max(most.x, most.y), max(most.z, most.w)) / 127.0;
  const float inverse = scale > 0.0 ? 1.0 / scale : 0.0;
  uint words[8];
  vec2 sums = vec2(0.0);
  [[unroll]] for (uint i = 0u; i < 8u; ++i) {
    const vec4 codes = clamp(roundEven(x[i] * inverse), -127.0, 127.0);
    words[i] = pack(ivec4(codes));
    sums[i / 4u] += codes.x + codes.y + codes.z + codes.w;
  }
  const uint to = (column * units + unit) * 3u;
  out_vectors[to] = uvec4(words[0], words[1], words[2], words[3]);
  out_vectors[to + 1u] = uvec4(words[4], words[5], words[6], words[7]);
  out_vectors[to + 2u] = uvec4(floatBitsToUint(vec3(scale, sums * scale)), 0u);
}

void main() {
  const uint column = gl_WorkGroupID.x;
  const uint units = push.width / 32u;
  if (!kNorm) {
    const uint unit = gl_WorkGroupID.y * THREADS + THREAD;
    if (unit < units) quantize(column, unit, units, 1.0);
    return;
  }
  vec4 squares = vec4(0.0);
  for (uint i = THREAD; i < units * 8u; i += THREADS) {
    const vec4 x = in_vectors[column * units * 8u + i];
    squares = fma(x, x, squares);
  }
  const float mean = sum_over_group(dot(squares, vec4(1.0))) / float(push.width);
  const float factor = inversesqrt(mean + push.eps);
  for (uint unit = THREAD; unit < units; unit += THREADS) quantize(column, unit, units, factor);
}
