// Heads of a step's tokens on their way to attention: a group for each head of q, k and v.
//
// q is normed and rotated in place; k is normed, rotated and stored in its cache; v is stored.
//: common
//: builtin
//: cache

#define MOST_HEAD_DIM 256
#define ROTATES 1
#define INTERLEAVED 2
#define Q_NORM 4
#define K_NORM 8

// The head in `head` goes to its row of a cache.
static void store(__local const float* head, __global ELEMENT* cache, bool keys, size_t first,
                  uint position, uint head_dim, uint scales_at) {
  const uint item = get_local_id(0);
#if CACHE == Q8_0
  const uint scales = head_dim / 32;
  __global half* halves = (__global half*)((__global char*)cache + scales_at);
  for (uint group = item; group < scales; group += ITEMS) {
    float largest = 0;
    for (uint i = 0; i < 32; ++i) largest = fmax(largest, fabs(head[group * 32 + i]));
    const size_t scale_at = keys ? first * scales + (size_t)(position / 16 * 16) * scales +
                                       group * 16 + position % 16
                                 : (first + position) * scales + group;
    vstore_half_rte(fmin(largest / 127.0f, 65504.0f), scale_at, halves);
    const float d = vload_half(scale_at, halves), inverse = d == 0 ? 0 : 1.0f / d;
    for (uint i = 0; i < 32; ++i) {
      const uint e = group * 32 + i;
      const float code = clamp(floor(head[e] * inverse + 0.5f), -127.0f, 127.0f);
      const size_t place = keys ? first * head_dim + (size_t)(position / 16 * 16) * head_dim +
                                      e * 16 + position % 16
                                : (first + position) * head_dim + e;
      cache[place] = (char)code;
    }
  }
#else
  for (uint e = item; e < head_dim; e += ITEMS) {
    const size_t place = keys ? first * head_dim + (size_t)(position / 16 * 16) * head_dim +
                                    e * 16 + position % 16
                              : (first + position) * head_dim + e;
    put(cache + place, head[e]);
  }
#endif
}

__kernel GROUP void heads(__global const uint* step, __global float* q, __global const float* k,
                          __global const float* v, __global ELEMENT* k_cache,
                          __global ELEMENT* v_cache, __global const float* q_weight,
                          __global const float* k_weight, uint q_heads, uint kv_heads,
                          uint head_dim, uint rope_dim, uint flags, uint table_at, uint padded,
                          uint k_scales_at, uint v_scales_at, float q_eps, float k_eps) {
  __local float head[MOST_HEAD_DIM];
  __local float room[ITEMS];
  const uint unit = get_group_id(0), token = get_group_id(1), item = get_local_id(0);
  if (token >= step[STEP_TOKENS]) return;
  const bool is_q = unit < q_heads, is_k = !is_q && unit < q_heads + kv_heads;
  const uint h = is_q ? unit : (unit - q_heads) % kv_heads;
  __global const float* from = is_q ? q + ((size_t)token * q_heads + h) * head_dim
                                    : (is_k ? k : v) + ((size_t)token * kv_heads + h) * head_dim;
  for (uint i = item; i < head_dim; i += ITEMS) head[i] = from[i];
  if ((is_q && (flags & Q_NORM)) || (is_k && (flags & K_NORM))) {
    __global const float* weight = is_q ? q_weight : k_weight;
    float sum = 0;
    for (uint i = item; i < head_dim; i += ITEMS) sum = MAD(head[i], head[i], sum);
    sum = group_sum(sum, room);
    const float factor = 1.0f / sqrt(sum / (float)head_dim + (is_q ? q_eps : k_eps));
    for (uint i = item; i < head_dim; i += ITEMS) head[i] = head[i] * factor * weight[i];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  if ((is_q || is_k) && (flags & ROTATES)) {
    const uint pairs = rope_dim / 2;
    __global const float2* table = (__global const float2*)(step + table_at) + token * pairs;
    const bool interleaved = (flags & INTERLEAVED) != 0;
    for (uint i = item; i < pairs; i += ITEMS) {
      const uint a = interleaved ? 2 * i : i, b = interleaved ? a + 1 : i + pairs;
      const float x = head[a], y = head[b], cosine = table[i].x, sine = table[i].y;
      head[a] = x * cosine - y * sine;
      head[b] = x * sine + y * cosine;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (is_q) {
    __global float* to = q + ((size_t)token * q_heads + h) * head_dim;
    for (uint i = item; i < head_dim; i += ITEMS) to[i] = head[i];
    return;
  }
  const uint position = step[STEP_FIRST_TOKEN + 4 * token + 1];
  const uint sequence = step[STEP_FIRST_TOKEN + 4 * token + 2];
  const size_t first = ((size_t)sequence * kv_heads + h) * padded;
  store(head, is_k ? k_cache : v_cache, is_k, first, position, head_dim,
        is_k ? k_scales_at : v_scales_at);
}
