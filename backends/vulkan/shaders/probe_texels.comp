// Reads a buffer as texels, as lanes.comp does: each workgroup a stretch of its own, since drivers that
// compute on the processor have its prefetching.
#version 450
#extension GL_GOOGLE_include_directive : require
#define PROBE_SHADER 1
#include "interface.h"
#extension GL_EXT_samplerless_texture_functions : require
#include "common.glsl"

layout(set = 0, binding = PROBE_SINK) writeonly buffer Sink { uint sink[]; };
layout(set = 0, binding = PROBE_TEXELS) uniform utextureBuffer a;

#define AT(i) texelFetch(a, int(i))

void main() {
  // Four stretches side by side, each a quarter of the workgroup's.
  const uint each = push.vectors / (4u * gl_NumWorkGroups.x);
  const uint first = gl_WorkGroupID.x * 4u * each;
  uvec4 sum = uvec4(0u);
  for (uint i = THREAD; i < each; i += THREADS) {
    const uint at = first + i;
    sum += AT(at) + AT(at + each) + AT(at + 2u * each) + AT(at + 3u * each);
  }
  if (gl_WorkGroupID.x == 0u) {  // what is left
    for (uint i = 4u * each * gl_NumWorkGroups.x + THREAD; i < push.vectors; i += THREADS) sum += AT(i);
  }
  const uint all = sum.x + sum.y + sum.z + sum.w;
  if (all == push.salt) sink[0] = all;  // hardly ever, but nobody can know
}
