// Streams over buffers: READ sums a, COPY b = a, TRIAD a = b + s * c, FILL floats in [1, 2) by a
// hash of their place. Each invocation takes every n-th vector, so that a workgroup's are side by
// side.
#version 450
#extension GL_GOOGLE_include_directive : require
#define PROBE_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = PROBE_A) buffer A { vec4 a[]; };
layout(set = 0, binding = PROBE_B) buffer B { vec4 b[]; };
layout(set = 0, binding = PROBE_C) readonly buffer C { vec4 c[]; };
layout(set = 0, binding = PROBE_SINK) writeonly buffer Sink { uint sink[]; };

layout(constant_id = 1) const uint kPattern = PATTERN_READ;

float value_at(uint place) {
  // The finaliser of MurmurHash3, the top 23 bits as a mantissa.
  uint h = place;
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  h ^= h >> 16;
  return uintBitsToFloat(0x3f800000u | h >> 9);
}

void main() {
  const uint stride = gl_NumWorkGroups.x * THREADS;
  const uint start = gl_WorkGroupID.x * THREADS + THREAD;
  if (kPattern == PATTERN_READ) {
    uvec4 sum = uvec4(0u);
    uint i = start;
    // Four loads under way at once.
    for (; i + 3u * stride < push.vectors; i += 4u * stride) {
      const vec4 x0 = a[i], x1 = a[i + stride], x2 = a[i + 2u * stride], x3 = a[i + 3u * stride];
      sum += floatBitsToUint(x0) + floatBitsToUint(x1) + floatBitsToUint(x2) + floatBitsToUint(x3);
    }
    for (; i < push.vectors; i += stride) sum += floatBitsToUint(a[i]);
    const uint all = sum.x + sum.y + sum.z + sum.w;
    if (all == push.salt) sink[0] = all;  // hardly ever, but nobody can know
  } else if (kPattern == PATTERN_COPY) {
    for (uint i = start; i < push.vectors; i += stride) b[i] = a[i];
  } else if (kPattern == PATTERN_TRIAD) {
    for (uint i = start; i < push.vectors; i += stride) a[i] = b[i] + 3.0 * c[i];
  } else {
    for (uint i = start; i < push.vectors; i += stride) {
      const uint place = 4u * (push.first + i);
      a[i] = vec4(value_at(place), value_at(place + 1u), value_at(place + 2u), value_at(place + 3u));
    }
  }
}
