// The `used` largest of a token's expert scores, largest first, and their softmax among themselves:
// one workgroup a token.
#version 450
#extension GL_GOOGLE_include_directive : require
#define EXPERTS_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = EXPERTS_SCORES) readonly buffer Scores { float scores[]; };
layout(set = 0, binding = EXPERTS_IDS) writeonly buffer Ids { int ids[]; };
layout(set = 0, binding = EXPERTS_WEIGHTS) buffer Weights { float weights[]; };

shared float room[MOST_EXPERTS];
shared float best_score[THREADS];
shared uint best_id[THREADS];

void main() {
  const uint token = gl_WorkGroupID.x;
  if (token >= step_words[0]) return;
  for (uint e = THREAD; e < push.experts; e += THREADS) {
    room[e] = scores[token * push.experts + e];
  }
  barrier();
  float largest = 0.0;
  float total = 0.0;
  for (uint j = 0u; j < push.used; ++j) {
    float score = 0.0;
    uint id = 0xffffffffu;
    for (uint e = THREAD; e < push.experts; e += THREADS) {
      // Taken ones are marked by an id of no number: NaN compares false.
      if (!isnan(room[e]) && (id == 0xffffffffu || room[e] > score)) {
        score = room[e];
        id = e;
      }
    }
    best_score[THREAD] = score;
    best_id[THREAD] = id;
    barrier();
    for (uint n = THREADS / 2u; n > 0u; n >>= 1) {
      if (THREAD < n) {
        const uint other = best_id[THREAD + n];
        const bool better =
            other != 0xffffffffu &&
            (best_id[THREAD] == 0xffffffffu || best_score[THREAD + n] > best_score[THREAD] ||
             (best_score[THREAD + n] == best_score[THREAD] && other < best_id[THREAD]));
        if (better) {
          best_score[THREAD] = best_score[THREAD + n];
          best_id[THREAD] = other;
        }
      }
      barrier();
    }
    if (j == 0u) largest = best_score[0];
    const float weight = exp(best_score[0] - largest);
    total += weight;
    if (THREAD == 0u) {
      ids[token * push.used + j] = int(best_id[0]);
      weights[token * push.used + j] = weight;
      room[best_id[0]] = uintBitsToFloat(0x7fc00000u);
    }
    barrier();
  }
  if (THREAD == 0u) {
    for (uint j = 0u; j < push.used; ++j) weights[token * push.used + j] /= total;
  }
}
