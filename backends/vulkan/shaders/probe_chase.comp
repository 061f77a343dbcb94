// Loads, each from where the one before it says: one invocation. The word at the start of each line
// holds the offset in bytes of the next one.
#version 450
#extension GL_GOOGLE_include_directive : require
#define PROBE_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = PROBE_A) readonly buffer A { uint a[]; };
layout(set = 0, binding = PROBE_SINK) buffer Sink { uint sink[]; };

void main() {
  if (THREAD != 0u) return;
  uint at = sink[0];
  for (uint hop = 0u; hop < push.count; ++hop) at = a[at / 4u];
  sink[0] = at;
}
