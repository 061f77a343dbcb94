// Causal attention as in attention.comp, for drivers that compute on the processor with subgroups of
// 8 (see lanes.comp): a load costs as much for one lane as for all, a barrier more than either, so that
// a workgroup is one subgroup and what is used by all of its lanes is loaded once and handed round.
//
// For each block of 8 positions
//   1. lane p holds position p: its key by itself, vectors of the queries from the lanes that have them
//   2. the maximum of each row over the lanes; each lane its own sum
//   3. lane l holds the pairs l + 8i of the output: values by itself, weights from the lanes of step 1
#version 450
#extension GL_GOOGLE_include_directive : require
#define ATTEND_SHADER 1
#include "interface.h"
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_samplerless_texture_functions : require
#include "common.glsl"

#define LANES 8u
#define NOTHING -3.0e38

layout(constant_id = 1) const uint kRows = 8u;    // query rows of a workgroup
layout(constant_id = 2) const uint kChunks = 2u;  // of 32 values in a head
#define PAIRS (2u * kChunks)                      // of a lane, in a row of the output

layout(set = 0, binding = ATTEND_Q) readonly buffer Q { vec4 q_vectors[]; };
layout(set = 0, binding = LANES_KEYS) uniform utextureBuffer keys;
layout(set = 0, binding = LANES_VALUES) uniform utextureBuffer values;
layout(set = 0, binding = ATTEND_OUT) writeonly buffer Out { float out_values[]; };
layout(set = 0, binding = ATTEND_PARTS) writeonly buffer Parts { float parts[]; };

#define KEY_WORD(i) texelFetch(keys, int(i)).x
#define VALUE_WORD(i) texelFetch(values, int(i)).x
#include "cache_read.glsl"

// Written out: llvmpipe keeps arrays in registers only where their indices are known.
#define EACH_LANE(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7)
#define ADD_SCORES(n)                                                          \
  {                                                                            \
    const vec4 k = key_vector(kv_row, min(LANES * c + n, vectors - 1u));       \
    [[unroll]] for (uint r = 0u; r < kRows; ++r) {                             \
      scores[r] += dot(k, subgroupShuffle(queries[r * kChunks + c], n));     \
    }                                                                          \
  }
#define TAKE_MOST(n) most = max(most, subgroupShuffle(score, n));
#define ADD_VALUES(n)                                                          \
  {                                                                            \
    const uint v_row = first_kv_row + min(block + n, end - 1u) * push.kv_heads; \
    float weights[kRows];                                                      \
    [[unroll]] for (uint r = 0u; r < kRows; ++r) {                             \
      weights[r] = subgroupShuffle(scores[r], n);                            \
    }                                                                          \
    [[unroll]] for (uint i = 0u; i < PAIRS; ++i) {                             \
      const vec2 v = value_pair(v_row, min(lane + LANES * i, pairs - 1u));     \
      [[unroll]] for (uint r = 0u; r < kRows; ++r) {                           \
        acc[r * PAIRS + i] += v * weights[r];                                  \
      }                                                                        \
    }                                                                          \
  }

void main() {
  // x: tile and split, y: kv head, z: block of query rows.
  const uint splits = push.may_split != 0u ? step_words[5] : 1u;
  const uint tile = gl_WorkGroupID.x / splits;
  const uint split = gl_WorkGroupID.x % splits;
  if (tile >= step_words[2]) return;
  const uint tile_at = push.tiles_at + 4u * tile;
  const uint first_token = step_words[tile_at];
  const uint sequence = step_words[tile_at + 2u];
  const uint context = step_words[tile_at + 3u];
  const uint group = push.heads / push.kv_heads;
  const uint kv_head = gl_WorkGroupID.y;
  const uint first_row = gl_WorkGroupID.z * kRows;
  const uint rows = step_words[tile_at + 1u] * group;
  if (first_row >= rows) return;
  const uint begin = splits > 1u ? split * step_words[4] : 0u;
  const uint end = splits > 1u ? min(context, begin + step_words[4]) : context;

  const uint lane = THREAD;
  const uint vectors = push.head_dim / 4u;
  const uint pairs = push.head_dim / 2u;
  const uint first_kv_row = sequence * push.positions * push.kv_heads + kv_head;
  vec4 queries[kRows * kChunks];  // vector `lane` of each chunk; zero beyond the head
  uint last[kRows];               // the position that a row sees last
  float best[kRows];
  float total[kRows];  // of this lane's positions
  vec2 acc[kRows * PAIRS];
  [[unroll]] for (uint r = 0u; r < kRows; ++r) {
    const uint row = min(first_row + r, rows - 1u);
    const uint q_row = (first_token + row / group) * push.heads + kv_head * group + row % group;
    [[unroll]] for (uint c = 0u; c < kChunks; ++c) {
      const uint vector = LANES * c + lane;
      queries[r * kChunks + c] =
          vector < vectors ? q_vectors[q_row * vectors + vector] * push.scale : vec4(0.0);
    }
    last[r] = step_words[kStepTokens + 4u * (first_token + row / group) + 1u];
    best[r] = NOTHING;
    total[r] = 0.0;
    [[unroll]] for (uint i = 0u; i < PAIRS; ++i) acc[r * PAIRS + i] = vec2(0.0);
  }

  for (uint block = begin; block < end; block += LANES) {
    const uint p = block + lane;
    const uint kv_row = first_kv_row + min(p, end - 1u) * push.kv_heads;
    float scores[kRows];
    [[unroll]] for (uint r = 0u; r < kRows; ++r) scores[r] = 0.0;
    [[unroll]] for (uint c = 0u; c < kChunks; ++c) {
      EACH_LANE(ADD_SCORES)
    }
    [[unroll]] for (uint r = 0u; r < kRows; ++r) {
      const bool seen = p < end && p <= last[r];
      const float score = seen ? scores[r] : NOTHING;
      float most = best[r];
      EACH_LANE(TAKE_MOST)
      const float factor = best[r] > NOTHING ? exp(best[r] - most) : 0.0;
      scores[r] = seen ? exp(score - most) : 0.0;
      total[r] = total[r] * factor + scores[r];
      best[r] = most;
      [[unroll]] for (uint i = 0u; i < PAIRS; ++i) acc[r * PAIRS + i] *= factor;
    }
    EACH_LANE(ADD_VALUES)
  }

  [[unroll]] for (uint r = 0u; r < kRows; ++r) {
    const float sum = subgroupAdd(total[r]);
    const uint row = first_row + r;
    const uint out_row = (first_token + row / group) * push.heads + kv_head * group + row % group;
    const uint part = (split * step_words[0] * push.heads + out_row) * (push.head_dim + 2u);
    if (row < rows) {
      [[unroll]] for (uint i = 0u; i < PAIRS; ++i) {
        const uint d = 2u * (lane + LANES * i);
        if (d < push.head_dim) {
          if (splits == 1u) {
            const vec2 result = acc[r * PAIRS + i] / sum;
            out_values[out_row * push.head_dim + d] = result.x;
            out_values[out_row * push.head_dim + d + 1u] = result.y;
          } else {
            parts[part + 2u + d] = acc[r * PAIRS + i].x;
            parts[part + 3u + d] = acc[r * PAIRS + i].y;
          }
        }
      }
      if (splits > 1u && lane == 0u) {
        parts[part] = best[r];
        parts[part + 1u] = sum;
      }
    }
  }
}
