// Causal attention over a KV cache, with a running softmax.
//
// A group takes up to ROWS rows of a tile, where a row is a query head of a token: rows of a tile
// count tokens first, then the heads that share a kv head. Groups 0: kv head and which rows,
// 1: tile, 2: split of the context. With several splits each leaves head_dim values, maximum and
// sum in `parts`, which `attention_sum` puts together.
//
// WIDE: a group is one work-item. Else its work-items each score positions of a block of ITEMS,
// then each sum dimensions.
//: common
//: builtin
//: cache

#define MOST_HEAD_DIM 256
#define CODES 32  // of one scale of q8_0

typedef struct {
  uint kv_head, first_row, rows, heads_each, first_token, begin, end;
  size_t first;  // row of the head in the cache
} Task;

static bool find_task(__global const uint* step, uint tiles_at, uint heads, uint kv_heads,
                      uint padded, Task* task) {
  const uint heads_each = heads / kv_heads, tile = get_group_id(1);
  if (tile >= step[STEP_TILES] || step[STEP_TOKENS] == 0) return false;
  __global const uint* t = step + tiles_at + 4 * tile;
  const uint rows = t[1] * heads_each;
  task->kv_head = get_group_id(0) % kv_heads;
  task->first_row = get_group_id(0) / kv_heads * ROWS;
  if (task->first_row >= rows) return false;
  task->rows = min(rows - task->first_row, (uint)ROWS);
  task->heads_each = heads_each;
  task->first_token = t[0];
  const uint split = step[STEP_SPLIT];
  task->begin = split == 0 ? 0 : get_group_id(2) * split;
  task->end = split == 0 ? t[3] : min(task->begin + split, t[3]);
  task->first = ((size_t)t[2] * kv_heads + task->kv_head) * padded;
  return get_group_id(2) < step[STEP_SPLITS] && task->begin < task->end;
}

static uint token_of(const Task* task, uint r) {
  return task->first_token + (task->first_row + r) / task->heads_each;
}
static uint head_of(const Task* task, uint r) {
  return task->kv_head * task->heads_each + (task->first_row + r) % task->heads_each;
}

#ifdef WIDE

#define CHUNK 4  // rows that share a load of the cache; divides ROWS

__kernel GROUP void attention(__global const uint* step, __global const float* q,
                              __global const ELEMENT* k_cache, __global const ELEMENT* v_cache,
                              __global float* out, __global float* parts, uint heads,
                              uint kv_heads, uint head_dim, uint padded, uint k_scales_at,
                              uint v_scales_at, uint tiles_at, float scale) {
  Task task;
  if (!find_task(step, tiles_at, heads, kv_heads, padded, &task)) return;
  float queries[ROWS][MOST_HEAD_DIM], sums[ROWS][MOST_HEAD_DIM], largest[ROWS], total[ROWS];
  uint ends[ROWS];
  const uint padded_rows = (task.rows + CHUNK - 1) / CHUNK * CHUNK;
  for (uint r = 0; r < padded_rows; ++r) {
    const uint at = min(r, task.rows - 1), token = token_of(&task, at);
    __global const float* from = q + ((size_t)token * heads + head_of(&task, at)) * head_dim;
    for (uint d = 0; d < head_dim; d += 16) {
      vstore16(vload16(0, from + d) * scale, 0, queries[r] + d);
      vstore16((float16)(0), 0, sums[r] + d);
    }
    largest[r] = -INFINITY;
    total[r] = 0;
    ends[r] = min(step[STEP_FIRST_TOKEN + 4 * token + 1] + 1, task.end);
  }
#if CACHE == Q8_0
  const uint scales = head_dim / CODES;
  __global const half* k_scales = (__global const half*)((__global const char*)k_cache + k_scales_at);
  __global const half* v_scales = (__global const half*)((__global const char*)v_cache + v_scales_at);
#endif
  const int16 place = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (uint p = task.begin; p < task.end; p += 16) {
    __global const ELEMENT* keys = k_cache + (task.first + p) * head_dim;
    __global const ELEMENT* values = v_cache + (task.first + p) * head_dim;
    const uint present = min(task.end - p, 16u);
    for (uint r = 0; r < padded_rows; r += CHUNK) {
      if (ends[r + CHUNK - 1] <= p && ends[r] <= p) continue;
      float16 scores[CHUNK];
#pragma unroll
      for (uint c = 0; c < CHUNK; ++c) scores[c] = 0;
#if CACHE == Q8_0
      for (uint g = 0; g < scales; ++g) {
        float16 dots[CHUNK];
#pragma unroll
        for (uint c = 0; c < CHUNK; ++c) dots[c] = 0;
        for (uint d = g * CODES; d < (g + 1) * CODES; ++d) {
          const float16 key = cache16(keys + d * 16);
#pragma unroll
          for (uint c = 0; c < CHUNK; ++c) dots[c] = MAD(key, (float16)(queries[r + c][d]), dots[c]);
        }
        const float16 key_scale = halves16(k_scales + (task.first + p) * scales + g * 16);
#pragma unroll
        for (uint c = 0; c < CHUNK; ++c) scores[c] = MAD(dots[c], key_scale, scores[c]);
      }
#else
      for (uint d = 0; d < head_dim; ++d) {
        const float16 key = cache16(keys + d * 16);
#pragma unroll
        for (uint c = 0; c < CHUNK; ++c) {
          scores[c] = MAD(key, (float16)(queries[r + c][d]), scores[c]);
        }
      }
#endif
      float weights[CHUNK][16];
#pragma unroll
      for (uint c = 0; c < CHUNK; ++c) {
        const uint end = ends[r + c];
        if (end <= p) {
          vstore16((float16)(0), 0, weights[c]);
          continue;
        }
        const float16 masked =
            select((float16)(-INFINITY), scores[c], place < (int16)((int)(end - p)));
        const float most = fmax(largest[r + c], max16(masked));
        const float kept = exp(largest[r + c] - most);
        const float16 weight = exp(masked - most);
        total[r + c] = total[r + c] * kept + sum16(weight);
        largest[r + c] = most;
        vstore16(weight, 0, weights[c]);
        if (kept != 1.0f) {
          for (uint d = 0; d < head_dim; d += 16) {
            vstore16(vload16(0, sums[r + c] + d) * kept, 0, sums[r + c] + d);
          }
        }
      }
      for (uint d = 0; d < head_dim; d += 16) {
        float16 sum[CHUNK];
#pragma unroll
        for (uint c = 0; c < CHUNK; ++c) sum[c] = vload16(0, sums[r + c] + d);
        for (uint i = 0; i < present; ++i) {
          float16 value = cache16(values + i * head_dim + d);
#if CACHE == Q8_0
          value *= half_at((task.first + p + i) * scales + d / CODES, v_scales);
#endif
#pragma unroll
          for (uint c = 0; c < CHUNK; ++c) sum[c] = MAD(value, (float16)(weights[c][i]), sum[c]);
        }
#pragma unroll
        for (uint c = 0; c < CHUNK; ++c) vstore16(sum[c], 0, sums[r + c] + d);
      }
    }
  }
  const bool alone = step[STEP_SPLITS] == 1;
  for (uint r = 0; r < task.rows; ++r) {
    const size_t row = (size_t)token_of(&task, r) * heads + head_of(&task, r);
    const size_t part = ((size_t)get_group_id(2) * step[STEP_TOKENS] * heads + row) * (head_dim + 2);
    __global float* to = alone ? out + row * head_dim : parts + part;
    const float factor = alone ? 1.0f / total[r] : 1.0f;
    for (uint d = 0; d < head_dim; d += 16) vstore16(vload16(0, sums[r] + d) * factor, 0, to + d);
    if (!alone) {
      to[head_dim] = largest[r];
      to[head_dim + 1] = total[r];
    }
  }
}

#else

#define DIMS ((MOST_HEAD_DIM + ITEMS - 1) / ITEMS)  // of each work-item

static float element(__global const ELEMENT* at) {
#if CACHE == F32
  return *at;
#elif CACHE == F16
  return vload_half(0, at);
#elif CACHE == BF16
  return as_float((uint)*at << 16);
#else
  return (float)*at;
#endif
}

__kernel GROUP void attention(__global const uint* step, __global const float* q,
                              __global const ELEMENT* k_cache, __global const ELEMENT* v_cache,
                              __global float* out, __global float* parts, uint heads,
                              uint kv_heads, uint head_dim, uint padded, uint k_scales_at,
                              uint v_scales_at, uint tiles_at, float scale) {
  __local float queries[ROWS][MOST_HEAD_DIM];
  __local float weights[ROWS][ITEMS];
  Task task;
  if (!find_task(step, tiles_at, heads, kv_heads, padded, &task)) return;
  const uint item = get_local_id(0);
  float sums[ROWS][DIMS], largest[ROWS], total[ROWS];
  uint ends[ROWS];
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) {
    const uint at = min(r, task.rows - 1), token = token_of(&task, at);
    const size_t row = (size_t)token * heads + head_of(&task, at);
    for (uint d = item; d < head_dim; d += ITEMS) queries[r][d] = q[row * head_dim + d] * scale;
    largest[r] = -INFINITY;
    total[r] = 0;
    ends[r] = min(step[STEP_FIRST_TOKEN + 4 * token + 1] + 1, task.end);
#pragma unroll
    for (uint i = 0; i < DIMS; ++i) sums[r][i] = 0;
  }
#if CACHE == Q8_0
  const uint scales = head_dim / CODES;
  __global const half* k_scales = (__global const half*)((__global const char*)k_cache + k_scales_at);
  __global const half* v_scales = (__global const half*)((__global const char*)v_cache + v_scales_at);
#endif
  for (uint p = task.begin; p < task.end; p += ITEMS) {
    barrier(CLK_LOCAL_MEM_FENCE);
    const uint position = p + item;
    float scores[ROWS];
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) scores[r] = 0;
    if (position < task.end) {
      __global const ELEMENT* keys =
          k_cache + (task.first + position / 16 * 16) * head_dim + position % 16;
#if CACHE == Q8_0
      for (uint g = 0; g < scales; ++g) {
        const float key_scale = vload_half(
            (task.first + position / 16 * 16) * scales + g * 16 + position % 16, k_scales);
        for (uint d = g * CODES; d < (g + 1) * CODES; ++d) {
          const float key = element(keys + d * 16) * key_scale;
#pragma unroll
          for (uint r = 0; r < ROWS; ++r) scores[r] = MAD(key, queries[r][d], scores[r]);
        }
      }
#else
      for (uint d = 0; d < head_dim; ++d) {
        const float key = element(keys + d * 16);
#pragma unroll
        for (uint r = 0; r < ROWS; ++r) scores[r] = MAD(key, queries[r][d], scores[r]);
      }
#endif
    }
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      weights[r][item] = position < ends[r] ? scores[r] : -INFINITY;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    // Each work-item looks at all scores, which saves passing maxima and sums around.
    const uint present = min(task.end - p, (uint)ITEMS);
    float kept[ROWS], most[ROWS];
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      float block_most = largest[r];
      for (uint i = 0; i < present; ++i) block_most = fmax(block_most, weights[r][i]);
      most[r] = block_most;
      kept[r] = block_most == largest[r] ? 1.0f : exp(largest[r] - block_most);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      const float score = weights[r][item];
      weights[r][item] = score == -INFINITY ? 0.0f : exp(score - most[r]);
      largest[r] = most[r];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      float sum = 0;
      for (uint i = 0; i < present; ++i) sum += weights[r][i];
      total[r] = total[r] * kept[r] + sum;
    }
#pragma unroll
    for (uint n = 0; n < DIMS; ++n) {
      const uint d = item + n * ITEMS;
      if (d < head_dim) {
#pragma unroll
        for (uint r = 0; r < ROWS; ++r) sums[r][n] *= kept[r];
        for (uint i = 0; i < present; ++i) {
          float value = element(v_cache + (task.first + p + i) * head_dim + d);
#if CACHE == Q8_0
          value *= vload_half((task.first + p + i) * scales + d / CODES, v_scales);
#endif
#pragma unroll
          for (uint r = 0; r < ROWS; ++r) sums[r][n] = MAD(value, weights[r][i], sums[r][n]);
        }
      }
    }
  }
  const bool alone = step[STEP_SPLITS] == 1;
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) {
    if (r < task.rows) {
      const size_t row = (size_t)token_of(&task, r) * heads + head_of(&task, r);
      const size_t part =
          ((size_t)get_group_id(2) * step[STEP_TOKENS] * heads + row) * (head_dim + 2);
      __global float* to = alone ? out + row * head_dim : parts + part;
      const float factor = alone ? 1.0f / total[r] : 1.0f;
#pragma unroll
      for (uint n = 0; n < DIMS; ++n) {
        const uint d = item + n * ITEMS;
        if (d < head_dim) to[d] = sums[r][n] * factor;
      }
      if (!alone && item == 0) {
        to[head_dim] = largest[r];
        to[head_dim + 1] = total[r];
      }
    }
  }
}

#endif  // WIDE

// Groups 0: heads, 1: tokens. Splits that begin behind the token hold nothing.
__kernel GROUP void attention_sum(__global const uint* step, __global const float* parts,
                                  __global float* out, uint heads, uint head_dim) {
  const uint head = get_group_id(0), token = get_group_id(1), splits = step[STEP_SPLITS];
  if (token >= step[STEP_TOKENS] || splits <= 1) return;
  const size_t row = (size_t)token * heads + head, width = head_dim + 2;
  const size_t stride = (size_t)step[STEP_TOKENS] * heads * width;
  const uint own = step[STEP_FIRST_TOKEN + 4 * token + 1] / step[STEP_SPLIT] + 1;
  parts += row * width;
  float largest = -INFINITY, total = 0;
  for (uint s = 0; s < own; ++s) largest = fmax(largest, parts[s * stride + head_dim]);
  for (uint s = 0; s < own; ++s) {
    total += parts[s * stride + head_dim + 1] * exp(parts[s * stride + head_dim] - largest);
  }
  for (uint d = get_local_id(0); d < head_dim; d += ITEMS) {
    float sum = 0;
    for (uint s = 0; s < own; ++s) {
      sum = MAD(parts[s * stride + d], exp(parts[s * stride + head_dim] - largest), sum);
    }
    out[row * head_dim + d] = sum / total;
  }
}
