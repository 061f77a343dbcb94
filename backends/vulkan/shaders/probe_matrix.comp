// Chains of multiply-adds of small matrices in registers, none of which can be left out: halves times
// halves, summed in fp32.
#version 450
#extension GL_GOOGLE_include_directive : require
#define PROBE_SHADER 1
#include "interface.h"
#include "common.glsl"
#include "matrix_units.glsl"

layout(set = 0, binding = PROBE_SINK) writeonly buffer Sink { uint sink[]; };

// Values in [-0.5, 0.5) that look random, so that no product is a simple one.
float16_t noise(uint seed) {
  seed *= 0x9e3779b9u;
  seed ^= seed >> 15;
  return float16_t(float(seed * 0x85ebca6bu >> 16) / 65536.0 - 0.5);
}

void main() {
  const uint seed = push.salt + gl_GlobalInvocationID.x * 64u;
  MATRIX_A a[2];
  MATRIX_B b[2];
  MATRIX_C c[PROBE_MATRIX_CHAINS];
  [[unroll]] for (uint m = 0u; m < 2u; ++m) {
    for (uint i = 0u; i < a[m].length(); ++i) a[m][i] = noise(seed + 16u * m + i);
    for (uint i = 0u; i < b[m].length(); ++i) b[m][i] = noise(seed + 16u * m + i + 32u);
  }
  [[unroll]] for (uint i = 0u; i < PROBE_MATRIX_CHAINS; ++i) c[i] = MATRIX_C(0.0);
  for (uint n = 0u; n < push.count; n += PROBE_ROUNDS) {
    [[unroll]] for (uint k = 0u; k < PROBE_ROUNDS; ++k) {
      [[unroll]] for (uint i = 0u; i < PROBE_MATRIX_CHAINS; ++i) {
        c[i] = coopMatMulAdd(a[i % 2u], b[i / 2u], c[i]);
      }
    }
  }
  float sum = 0.0;
  [[unroll]] for (uint i = 0u; i < PROBE_MATRIX_CHAINS; ++i) {
    for (uint e = 0u; e < c[i].length(); ++e) sum += c[i][e];
  }
  if (floatBitsToUint(sum) == push.first) sink[0] = push.salt;  // hardly ever, but nobody can know
}
