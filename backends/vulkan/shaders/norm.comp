// RmsNorm: one workgroup for each group of each row.
#version 450
#extension GL_GOOGLE_include_directive : require
#define NORM_SHADER 1
#define SUMS 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = NORM_IN) readonly buffer In { float in_values[]; };
layout(set = 0, binding = NORM_WEIGHT) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = NORM_OUT) writeonly buffer Out { float out_values[]; };

void main() {
  if (gl_WorkGroupID.x >= step_words[push.count_word]) return;
  const uint base = (gl_WorkGroupID.x * push.groups + gl_WorkGroupID.y) * push.width;
  float squares = 0.0;
  for (uint i = THREAD; i < push.width; i += THREADS) {
    const float x = in_values[base + i];
    squares += x * x;
  }
  const float factor = inversesqrt(sum_over_group(squares) / float(push.width) + push.eps);
  for (uint i = THREAD; i < push.width; i += THREADS) {
    out_values[base + i] = in_values[base + i] * factor * weight[i];
  }
}
