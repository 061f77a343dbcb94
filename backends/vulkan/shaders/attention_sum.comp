// Puts the splits of attention together: one workgroup for each (token, head).
#version 450
#extension GL_GOOGLE_include_directive : require
#define ATTEND_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = ATTEND_OUT) writeonly buffer Out { float out_values[]; };
layout(set = 0, binding = ATTEND_PARTS) readonly buffer Parts { float parts[]; };

void main() {
  const uint token = gl_WorkGroupID.x;
  if (token >= step_words[0] || step_words[5] <= 1u) return;
  const uint row = token * push.heads + gl_WorkGroupID.y;
  const uint room = push.head_dim + 2u;
  const uint next = step_words[0] * push.heads * room;  // from one split to the next
  // Splits behind a token's own context were never written.
  const uint context = step_words[kStepTokens + 4u * token + 1u] + 1u;
  const uint splits = (context + step_words[4] - 1u) / step_words[4];
  float most = parts[row * room];
  for (uint s = 1u; s < splits; ++s) most = max(most, parts[s * next + row * room]);
  float total = 0.0;
  for (uint s = 0u; s < splits; ++s) {
    total += parts[s * next + row * room + 1u] * exp(parts[s * next + row * room] - most);
  }
  for (uint i = THREAD; i < push.head_dim; i += THREADS) {
    float sum = 0.0;
    for (uint s = 0u; s < splits; ++s) {
      sum += parts[s * next + row * room + 2u + i] * exp(parts[s * next + row * room] - most);
    }
    out_values[row * push.head_dim + i] = sum / total;
  }
}
