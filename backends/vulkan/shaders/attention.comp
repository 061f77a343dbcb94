// Causal attention of up to 8 queries that share a kv head, over one split of the context, by the
// online softmax (Milakov, Gimelshein 2018; Dao et al. 2022).
//
// A query row is (token of the tile, head of the group). For each block of 128 positions
//   1. invocation p computes the scores of position p for all rows
//   2. the rows' maxima and sums follow: 16 invocations for each row
//   3. invocation (slice, word) adds up to the words of v over the positions of its slice
#version 450
#extension GL_GOOGLE_include_directive : require
#define ATTEND_SHADER 1
#include "interface.h"
#include "common.glsl"
#include "cache.glsl"

#define ROWS ATTEND_ROWS
#define MOST_HEAD_DIM 256
#define NOTHING -3.0e38

layout(set = 0, binding = ATTEND_Q) readonly buffer Q { vec4 q_vectors[]; };
layout(set = 0, binding = ATTEND_KEYS) readonly buffer Keys { uint keys[]; };
layout(set = 0, binding = ATTEND_VALUES) readonly buffer Values { uint values[]; };
layout(set = 0, binding = ATTEND_OUT) writeonly buffer Out { float out_values[]; };
layout(set = 0, binding = ATTEND_PARTS) writeonly buffer Parts { float parts[]; };

#define KEY_WORD(i) keys[i]
#define VALUE_WORD(i) values[i]
#include "cache_read.glsl"

shared vec4 queries[ROWS * MOST_HEAD_DIM / 4];  // 8 KiB
shared float scores[ROWS * ATTEND_THREADS];     // 4 KiB; afterwards sums of slices
shared float best[ROWS], total[ROWS], shrink[ROWS];
shared float lanes[ATTEND_THREADS];

void main() {
  // x: tile and split, y: kv head, z: block of query rows.
  const uint splits = push.may_split != 0u ? step_words[5] : 1u;
  const uint tile = gl_WorkGroupID.x / splits;
  const uint split = gl_WorkGroupID.x % splits;
  if (tile >= step_words[2]) return;
  const uint tile_at = push.tiles_at + 4u * tile;
  const uint first_token = step_words[tile_at];
  const uint tokens = step_words[tile_at + 1u];
  const uint sequence = step_words[tile_at + 2u];
  const uint context = step_words[tile_at + 3u];
  const uint group = push.heads / push.kv_heads;
  const uint kv_head = gl_WorkGroupID.y;
  const uint first_row = gl_WorkGroupID.z * ROWS;
  if (first_row >= tokens * group) return;
  const uint rows = min(ROWS, tokens * group - first_row);
  const uint begin = splits > 1u ? split * step_words[4] : 0u;
  const uint end = splits > 1u ? min(context, begin + step_words[4]) : context;

  const uint vectors = push.head_dim / 4u;
  for (uint i = THREAD; i < ROWS * vectors; i += ATTEND_THREADS) {
    const uint r = min(first_row + i / vectors, tokens * group - 1u);
    const uint q_row = (first_token + r / group) * push.heads + kv_head * group + r % group;
    queries[i] = q_vectors[q_row * vectors + i % vectors] * push.scale;
  }
  if (THREAD < ROWS) {
    best[THREAD] = NOTHING;
    total[THREAD] = 0.0;
  }
  const uint pairs = push.head_dim / 2u;
  const uint slices = ATTEND_THREADS / pairs;
  const uint slice = THREAD / pairs;
  const uint word = THREAD % pairs;
  vec2 acc[ROWS];
  [[unroll]] for (uint r = 0u; r < ROWS; ++r) acc[r] = vec2(0.0);
  barrier();

  for (uint block = begin; block < end; block += ATTEND_THREADS) {
    // 1. Scores.
    const uint p = block + THREAD;
    const uint kv_row = (sequence * push.positions + min(p, end - 1u)) * push.kv_heads + kv_head;
    vec4 dots[ROWS];
    [[unroll]] for (uint r = 0u; r < ROWS; ++r) dots[r] = vec4(0.0);
    for (uint i = 0u; i < vectors; ++i) {
      const vec4 k = key_vector(kv_row, i);
      [[unroll]] for (uint r = 0u; r < ROWS; ++r) dots[r] += k * queries[r * vectors + i];
    }
    [[unroll]] for (uint r = 0u; r < ROWS; ++r) {
      const uint token = first_token + min(first_row + r, tokens * group - 1u) / group;
      const uint last = step_words[kStepTokens + 4u * token + 1u];
      scores[r * ATTEND_THREADS + THREAD] =
          p < end && p <= last ? dot(dots[r], vec4(1.0)) : NOTHING;
    }
    barrier();
    // 2. Maxima and sums, 16 invocations a row.
    const uint row = THREAD / 16u;
    const uint lane = THREAD % 16u;
    float most = NOTHING;
    for (uint i = lane; i < ATTEND_THREADS; i += 16u) {
      most = max(most, scores[row * ATTEND_THREADS + i]);
    }
    lanes[THREAD] = most;
    barrier();
    for (uint i = 0u; i < 16u; ++i) most = max(most, lanes[row * 16u + i]);
    const float before = best[row];
    most = max(most, before);
    float sum = 0.0;
    for (uint i = lane; i < ATTEND_THREADS; i += 16u) {
      const float score = scores[row * ATTEND_THREADS + i];
      const float weight = score > NOTHING ? exp(score - most) : 0.0;
      scores[row * ATTEND_THREADS + i] = weight;
      sum += weight;
    }
    barrier();
    lanes[THREAD] = sum;
    barrier();
    if (lane == 0u) {
      sum = 0.0;
      for (uint i = 0u; i < 16u; ++i) sum += lanes[row * 16u + i];
      const float factor = before > NOTHING ? exp(before - most) : 0.0;
      shrink[row] = factor;
      best[row] = most;
      total[row] = total[row] * factor + sum;
    }
    barrier();
    // 3. Values.
    if (slice < slices) {
      [[unroll]] for (uint r = 0u; r < ROWS; ++r) acc[r] *= shrink[r];
      const uint count = min(ATTEND_THREADS, end - block);
      for (uint i = slice; i < count; i += slices) {
        const uint v_row = (sequence * push.positions + block + i) * push.kv_heads + kv_head;
        const vec2 v = value_pair(v_row, word);
        [[unroll]] for (uint r = 0u; r < ROWS; ++r) acc[r] += v * scores[r * ATTEND_THREADS + i];
      }
    }
    barrier();
  }

  for (uint r = 0u; r < rows; ++r) {
    // The slices of a row, two floats for each invocation, through the room of the scores.
    if (slice < slices) {
      vec2 mine = vec2(0.0);
      [[unroll]] for (uint s = 0u; s < ROWS; ++s) {
        if (s == r) mine = acc[s];
      }
      scores[2u * THREAD] = mine.x;
      scores[2u * THREAD + 1u] = mine.y;
    }
    barrier();
    const uint full = first_row + r;
    const uint out_row = (first_token + full / group) * push.heads + kv_head * group + full % group;
    for (uint i = THREAD; i < push.head_dim; i += ATTEND_THREADS) {
      float sum = 0.0;
      for (uint s = 0u; s < slices; ++s) sum += scores[s * push.head_dim + i];
      if (splits == 1u) {
        out_values[out_row * push.head_dim + i] = sum / total[r];
      } else {
        const uint room = push.head_dim + 2u;
        const uint at = (split * step_words[0] * push.heads + out_row) * room;
        parts[at + 2u + i] = sum;
        if (i == 0u) {
          parts[at] = best[r];
          parts[at + 1u] = total[r];
        }
      }
    }
    barrier();
  }
}
