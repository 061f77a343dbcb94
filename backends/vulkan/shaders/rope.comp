// Rotates the heads of q in place; norms heads before where asked; rotates k and stores it with v.
// One workgroup for each head of each token: first those of q, then of k, then of v.
#version 450
#extension GL_GOOGLE_include_directive : require
#define ROPE_SHADER 1
#define SUMS 1
#include "interface.h"
#include "common.glsl"
#include "cache.glsl"

#define MOST_HEAD_DIM 256

layout(set = 0, binding = ROPE_TABLE) readonly buffer Table { vec2 table[]; };
layout(set = 0, binding = ROPE_Q) buffer Q { float q_values[]; };
layout(set = 0, binding = ROPE_K) readonly buffer K { float k_values[]; };
layout(set = 0, binding = ROPE_V) readonly buffer V { float v_values[]; };
layout(set = 0, binding = ROPE_KEYS) buffer Keys { uint keys[]; };
layout(set = 0, binding = ROPE_VALUES) buffer Values { uint values[]; };
layout(set = 0, binding = ROPE_QNORM) readonly buffer QNorm { float q_norm[]; };
layout(set = 0, binding = ROPE_KNORM) readonly buffer KNorm { float k_norm[]; };

shared float head_values[MOST_HEAD_DIM];
#ifdef CACHE_Q8_0
// Halves of neighbours share a word, and rows of a head of 32 or 96 values end in the middle of one.
void put_half(bool key, uint index, uint bits) {
  const uint mask = 0xffffu << (16u * (index & 1u));
  const uint shifted = bits << (16u * (index & 1u));
  if (key) {
    atomicAnd(keys[index >> 1], ~mask);
    atomicOr(keys[index >> 1], shifted);
  } else {
    atomicAnd(values[index >> 1], ~mask);
    atomicOr(values[index >> 1], shifted);
  }
}
#endif

void put_word(bool key, uint at, uint word) {
  if (key) {
    keys[at] = word;
  } else {
    values[at] = word;
  }
}

// head_values to row `row` of a cache.
void store_head(bool key, uint row) {
  const uint words = push.head_dim / CACHE_VALUES;
#if defined(CACHE_F32)
  for (uint i = THREAD; i < words; i += THREADS) {
    put_word(key, row * words + i, floatBitsToUint(head_values[i]));
  }
#elif defined(CACHE_F16)
  for (uint i = THREAD; i < words; i += THREADS) {
    put_word(key, row * words + i,
             half_bits(head_values[2u * i]) | half_bits(head_values[2u * i + 1u]) << 16);
  }
#elif defined(CACHE_BF16)
  for (uint i = THREAD; i < words; i += THREADS) {
    put_word(key, row * words + i,
             bfloat_bits(head_values[2u * i]) | bfloat_bits(head_values[2u * i + 1u]) << 16);
  }
#else
  for (uint block = THREAD; block < push.head_dim / 32u; block += THREADS) {
    float most = 0.0;
    for (uint i = 0u; i < 32u; ++i) most = max(most, abs(head_values[32u * block + i]));
    const float d = most / 127.0;
    const float inverse = d != 0.0 ? 1.0 / d : 0.0;
    for (uint w = 0u; w < 8u; ++w) {
      uint word = 0u;
      for (uint b = 0u; b < 4u; ++b) {
        const float x = head_values[32u * block + 4u * w + b] * inverse;
        // Halves away from zero, as the codec rounds.
        const int q = int(sign(x) * floor(abs(x) + 0.5));
        word |= (uint(q) & 255u) << (8u * b);
      }
      put_word(key, row * words + 8u * block + w, word);
    }
    put_half(key, 2u * push.scales_at + row * (push.head_dim / 32u) + block, half_bits(d));
  }
#endif
}

void main() {
  const uint token = gl_WorkGroupID.x;
  if (token >= step_words[0]) return;
  const uint slot = gl_WorkGroupID.y;
  const bool is_q = slot < push.q_heads;
  const bool is_k = !is_q && slot < push.q_heads + push.kv_heads;
  const uint head = is_q ? slot : (slot - push.q_heads) % max(push.kv_heads, 1u);
  const uint base =
      (token * (is_q ? push.q_heads : push.kv_heads) + head) * push.head_dim;

  float squares = 0.0;
  for (uint i = THREAD; i < push.head_dim; i += THREADS) {
    const float x = is_q ? q_values[base + i] : is_k ? k_values[base + i] : v_values[base + i];
    head_values[i] = x;
    squares += x * x;
  }
  const uint norm = is_q ? push.flags & FLAG_QNORM : is_k ? push.flags & FLAG_KNORM : 0u;
  if (norm != 0u) {  // the same for the whole workgroup
    const float eps = is_q ? push.q_eps : push.k_eps;
    const float factor = inversesqrt(sum_over_group(squares) / float(push.head_dim) + eps);
    for (uint i = THREAD; i < push.head_dim; i += THREADS) {
      head_values[i] *= factor * (is_q ? q_norm[i] : k_norm[i]);
    }
  }
  barrier();
  if ((push.flags & FLAG_ROTATE) != 0u && (is_q || is_k)) {
    for (uint pair = THREAD; pair < push.pairs; pair += THREADS) {
      const bool halves = (push.flags & FLAG_HALVES) != 0u;
      const uint i = halves ? pair : 2u * pair;
      const uint j = halves ? pair + push.pairs : 2u * pair + 1u;
      const vec2 turn = table[token * push.pairs + pair];
      const float x = head_values[i];
      const float y = head_values[j];
      head_values[i] = x * turn.x - y * turn.y;
      head_values[j] = x * turn.y + y * turn.x;
    }
    barrier();
  }
  if (is_q) {
    for (uint i = THREAD; i < push.head_dim; i += THREADS) q_values[base + i] = head_values[i];
    return;
  }
  const uint position = step_words[kStepTokens + 4u * token + 1u];
  const uint sequence = step_words[kStepTokens + 4u * token + 2u];
  store_head(is_k, (sequence * push.positions + position) * push.kv_heads + head);
}
