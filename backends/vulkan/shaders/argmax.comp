// The index of the largest value of each output row, ties to the lowest: first over each of
// ARGMAX_SLICES slices of a row, then over what the slices found.
#version 450
#extension GL_GOOGLE_include_directive : require
#define ARGMAX_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = ARGMAX_IN) readonly buffer In { float in_values[]; };
layout(set = 0, binding = ARGMAX_PARTS) buffer Parts { uvec2 parts[]; };  // value, index
layout(set = 0, binding = ARGMAX_OUT) writeonly buffer Out { int out_indices[]; };

shared float values[THREADS];
shared uint indices[THREADS];

void main() {
  const uint row = gl_WorkGroupID.y;
  if (row >= step_words[1]) return;
  const uint slice = gl_WorkGroupID.x;
  float value = 0.0;
  uint index = 0xffffffffu;
  if (push.last == 0u) {
    const uint size = (push.width + push.slices - 1u) / push.slices;
    const uint end = min(push.width, (slice + 1u) * size);
    for (uint i = slice * size + THREAD; i < end; i += THREADS) {
      const float x = in_values[row * push.width + i];
      if (index == 0xffffffffu || x > value) {
        value = x;
        index = i;
      }
    }
  } else {
    for (uint i = THREAD; i < push.slices; i += THREADS) {
      const uvec2 part = parts[row * push.slices + i];
      const float x = uintBitsToFloat(part.x);
      if (part.y != 0xffffffffu && (index == 0xffffffffu || x > value)) {
        value = x;
        index = part.y;
      }
    }
  }
  values[THREAD] = value;
  indices[THREAD] = index;
  barrier();
  for (uint n = THREADS / 2u; n > 0u; n >>= 1) {
    if (THREAD < n && indices[THREAD + n] != 0xffffffffu) {
      const bool better =
          indices[THREAD] == 0xffffffffu || values[THREAD + n] > values[THREAD] ||
          (values[THREAD + n] == values[THREAD] && indices[THREAD + n] < indices[THREAD]);
      if (better) {
        values[THREAD] = values[THREAD + n];
        indices[THREAD] = indices[THREAD + n];
      }
    }
    barrier();
  }
  if (THREAD != 0u) return;
  if (push.last == 0u) {
    parts[row * push.slices + slice] = uvec2(floatBitsToUint(values[0]), indices[0]);
  } else {
    out_indices[row] = int(indices[0]);
  }
}
