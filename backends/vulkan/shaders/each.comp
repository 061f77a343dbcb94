// Every value of a row by itself: GATED out = silu(a) * b, SELECT out[s] = a[row of output s],
// EXPERT_SUM out += sum over the choices j of b[j] * a[j].
#version 450
#extension GL_GOOGLE_include_directive : require
#define EACH_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = EACH_A) readonly buffer A { float a[]; };
layout(set = 0, binding = EACH_B) readonly buffer B { float b[]; };
layout(set = 0, binding = EACH_OUT) buffer Out { float out_values[]; };

void main() {
  const uint row = gl_WorkGroupID.y;
  const uint i = gl_WorkGroupID.x * THREADS + THREAD;
#ifdef SELECT
  if (row >= step_words[1] || i >= push.width) return;
  out_values[row * push.width + i] = a[step_words[push.outputs_at + row] * push.width + i];
#else
  if (row >= step_words[0] || i >= push.width) return;
  const uint at = row * push.width + i;
#ifdef GATED
  const float x = a[at];
  out_values[at] = x / (1.0 + exp(-x)) * b[at];
#else
  float sum = 0.0;
  for (uint j = 0u; j < push.used; ++j) {
    sum += b[row * push.used + j] * a[(row * push.used + j) * push.width + i];
  }
  out_values[at] += sum;
#endif
#endif
}
