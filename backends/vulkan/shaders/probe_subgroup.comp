// Sums over a subgroup, each of the result of the one before: one workgroup.
#version 450
#extension GL_GOOGLE_include_directive : require
#define PROBE_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = PROBE_SINK) writeonly buffer Sink { uint sink[]; };

void main() {
  uint x = THREAD + push.salt;
  for (uint n = 0u; n < push.count; n += 8u) {
    [[unroll]] for (int i = 0; i < 8; ++i) x = subgroupAdd(x ^ THREAD);
  }
  if (x == push.first) sink[0] = x;  // hardly ever, but nobody can know
}
