// The largest of many: the greedy token, and the experts of a token.
//: common

// The larger of two candidates, of equals the one that stands first.
static void better(float value, uint at, float* best, uint* best_at) {
  if (value > *best || (value == *best && at < *best_at)) {
    *best = value;
    *best_at = at;
  }
}

// Of all work-items of the group; item 0 knows it.
static void best_of_group(float* best, uint* best_at, __local float* values, __local uint* places) {
#if ITEMS > 1
  const uint item = get_local_id(0);
  values[item] = *best;
  places[item] = *best_at;
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item == 0) {
    for (uint i = 1; i < ITEMS; ++i) better(values[i], places[i], best, best_at);
  }
#endif
}

// parts: a value and its place for each slice of each row.
__kernel GROUP void argmax_parts(__global const uint* step, __global const float* in,
                                 __global uint2* parts, uint width) {
  __local float values[ITEMS];
  __local uint places[ITEMS];
  const uint slice = get_group_id(0), slices = get_num_groups(0), row = get_group_id(1);
  if (row >= step[STEP_TOKENS + 1]) return;
  in += (size_t)row * width;
  const uint each = (width + slices - 1) / slices;
  const uint begin = min(slice * each, width), end = min(begin + each, width);
  float best = -INFINITY;
  uint best_at = 0xffffffffu;
#if ITEMS == 1
  float16 largest = -INFINITY;
  uint i = begin;
  for (; i + 16 <= end; i += 16) largest = fmax(largest, vload16(0, in + i));
  best = max16(largest);
  for (; i < end; ++i) best = fmax(best, in[i]);
  for (i = begin; i < end && in[i] != best; ++i) {
  }
  best_at = i < end ? i : begin;
#else
  for (uint i = begin + get_local_id(0); i < end; i += ITEMS) better(in[i], i, &best, &best_at);
#endif
  best_of_group(&best, &best_at, values, places);
  if (get_local_id(0) == 0) {
    parts[row * slices + slice] = (uint2)(as_uint(best), begin < end ? best_at : 0xffffffffu);
  }
}

__kernel GROUP void argmax(__global const uint* step, __global const uint2* parts,
                           __global uint* out, uint slices) {
  __local float values[ITEMS];
  __local uint places[ITEMS];
  const uint row = get_group_id(1);
  if (row >= step[STEP_TOKENS + 1]) return;
  float best = -INFINITY;
  uint best_at = 0xffffffffu;
  for (uint i = get_local_id(0); i < slices; i += ITEMS) {
    const uint2 part = parts[row * slices + i];
    better(as_float(part.x), part.y, &best, &best_at);
  }
  best_of_group(&best, &best_at, values, places);
  if (get_local_id(0) == 0) out[row] = best_at == 0xffffffffu ? 0 : best_at;
}

// A work-item for each token: as often as experts are used, the largest score below the last one.
__kernel GROUP void top_experts(__global const uint* step, __global const float* scores,
                                __global int* ids, __global float* weights, uint experts,
                                uint used) {
  const uint token = get_global_id(0);
  if (token >= step[STEP_TOKENS]) return;
  scores += (size_t)token * experts;
  ids += (size_t)token * used;
  weights += (size_t)token * used;
  float last = INFINITY, largest = 0, sum = 0;
  uint last_at = 0;
  for (uint j = 0; j < used; ++j) {
    float best = -INFINITY;
    uint best_at = 0xffffffffu;
    for (uint e = 0; e < experts; ++e) {
      const float score = scores[e];
      const bool left = j == 0 || score < last || (score == last && e > last_at);
      if (left) better(score, e, &best, &best_at);
    }
    last = best;
    last_at = best_at;
    if (j == 0) largest = best;
    const float share = exp(best - largest);
    ids[j] = (int)min(best_at, experts - 1);
    weights[j] = share;
    sum += share;
  }
  for (uint j = 0; j < used; ++j) weights[j] /= sum;
}
