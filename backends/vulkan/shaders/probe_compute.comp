// Chains of multiply-adds in registers, none of which can be left out: TYPE_FP32, TYPE_FP16 (two to a
// vector), TYPE_INT8 (four products to a dot, where the device has the instruction).
#version 450
#extension GL_GOOGLE_include_directive : require
#define PROBE_SHADER 1
#include "interface.h"
#ifdef TYPE_FP16
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#endif
#ifdef TYPE_INT8
#include "packed_dot.glsl"
#endif
#include "common.glsl"

layout(set = 0, binding = PROBE_SINK) writeonly buffer Sink { uint sink[]; };

#define CHAINS 3
// Rounds written out: on drivers that compute on the processor a turn of a loop costs as much as all
// three chains.
#define EACH_ROUND(step)                                 \
  for (uint n = 0u; n < push.count; n += PROBE_ROUNDS) { \
    [[unroll]] for (uint k = 0u; k < PROBE_ROUNDS; ++k) { \
      [[unroll]] for (int i = 0; i < CHAINS; ++i) step;  \
    }                                                    \
  }

void main() {
  const uint seed = push.salt + gl_GlobalInvocationID.x;
  uint result;
#if defined(TYPE_FP32)
  vec4 x[CHAINS];
  for (int i = 0; i < CHAINS; ++i) x[i] = vec4(seed + i, seed + 2 * i, seed, seed + 1) * 1e-9;
  const vec4 m = vec4(0.5) + 1e-9 * float(push.salt);
  // x = x * x + m stays bounded for |x| < 1, m < 1/4, and no compiler can fold it.
  EACH_ROUND(x[i] = fma(x[i], x[i], m - 0.4))
  vec4 sum = vec4(0.0);
  for (int i = 0; i < CHAINS; ++i) sum += x[i];
  result = floatBitsToUint(sum.x + sum.y + sum.z + sum.w);
#elif defined(TYPE_FP16)
  f16vec2 x[CHAINS];
  for (int i = 0; i < CHAINS; ++i) x[i] = f16vec2(float(seed & 255u) * 0.001, float(i) * 0.01);
  const f16vec2 m = f16vec2(float(push.salt & 1u) * 0.001 + 0.1);
  EACH_ROUND(x[i] = fma(x[i], x[i], m))
  f16vec2 sum = f16vec2(0.0);
  for (int i = 0; i < CHAINS; ++i) sum += x[i];
  result = floatBitsToUint(float(sum.x + sum.y));
#else
  int x[CHAINS];
  for (int i = 0; i < CHAINS; ++i) x[i] = int(seed * 0x9e3779b9u + uint(i));
  const int m = int(push.salt * 0x01010101u + 0x03050709u);
  EACH_ROUND(x[i] += packed_dot(x[i], m, 0))
  int sum = 0;
  for (int i = 0; i < CHAINS; ++i) sum += x[i];
  result = uint(sum);
#endif
  if (result == push.first) sink[0] = result;  // hardly ever, but nobody can know
}
