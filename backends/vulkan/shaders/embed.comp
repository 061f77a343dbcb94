// Rows of a table, looked up by token id: one workgroup a token.
#version 450
#extension GL_GOOGLE_include_directive : require
#define EMBED_SHADER 1
#include "interface.h"
#include "common.glsl"

layout(set = 0, binding = EMBED_TABLE) readonly buffer Table { uint table_words[]; };
layout(set = 0, binding = EMBED_TABLE) readonly buffer TableVectors { uvec4 table_vectors[]; };
layout(set = 0, binding = EMBED_OUT) writeonly buffer Out { float out_values[]; };

#define TABLE_WORD(i) table_words[i]
#define TABLE_VECTOR(i) table_vectors[i]
#include "formats.glsl"
LOAD_RAW(load_raw, TABLE_WORD, TABLE_VECTOR)

void main() {
  const uint token = gl_WorkGroupID.x;
  if (token >= step_words[0]) return;
  const uint id = step_words[kStepTokens + 4u * token];
  if (id < push.first_row || id >= push.first_row + push.rows) return;  // in another part
  const uint units = (push.width + UNIT - 1u) / UNIT;
  const Planes at = Planes(0u, push.high_at, push.scales_at, push.fine_at);
  const uint row = row_place(id - push.first_row, units, push.together);
  for (uint u = THREAD; u < units; u += THREADS) {
    const Raw raw = load_raw(row + unit_place(u, push.together), at);
    [[unroll]] for (int i = 0; i < VECTORS; ++i) {
      const vec4 w = weights_of(raw, i);
      const uint k = u * UNIT + 4u * i;
      [[unroll]] for (uint e = 0u; e < 4u; ++e) {
        if (k + e < push.width) out_values[token * push.width + k + e] = w[e];
      }
    }
  }
}
