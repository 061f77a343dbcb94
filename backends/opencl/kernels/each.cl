// Ops that make every value of a few others: a work-item makes 16 neighbours of a row.
//: common

// out = silu(a) * b
__kernel GROUP void gated(__global const uint* step, __global const float* a,
                          __global const float* b, __global float* out, uint width) {
  const uint begin = get_global_id(0) * 16, row = get_global_id(1);
  if (row >= step[STEP_TOKENS] || begin >= width) return;
  const size_t base = (size_t)row * width + begin;
  a += base;
  b += base;
  out += base;
  if (begin + 16 <= width) {
    const float16 x = vload16(0, a);
    vstore16(x / (1.0f + exp(-x)) * vload16(0, b), 0, out);
    return;
  }
  for (uint i = 0; i < width - begin; ++i) out[i] = silu(a[i]) * b[i];
}

// out[s] = in[row of the s-th output token]
__kernel GROUP void select_rows(__global const uint* step, __global const float* in,
                                __global float* out, uint width, uint outputs_at) {
  const uint begin = get_global_id(0) * 16, row = get_global_id(1);
  if (row >= step[STEP_TOKENS + 1] || begin >= width) return;
  const uint end = min(begin + 16, width);
  const size_t from = (size_t)step[outputs_at + row] * width, to = (size_t)row * width;
  for (uint i = begin; i < end; ++i) out[to + i] = in[from + i];
}

// out[t] += sum over j of weights[t][j] * in[t][j]
__kernel GROUP void expert_sum(__global const uint* step, __global const float* in,
                               __global const float* weights, __global float* out, uint width,
                               uint used) {
  const uint begin = get_global_id(0) * 16, row = get_global_id(1);
  if (row >= step[STEP_TOKENS] || begin >= width) return;
  const uint end = min(begin + 16, width);
  for (uint i = begin; i < end; ++i) {
    float sum = 0;
    for (uint j = 0; j < used; ++j) {
      const size_t place = (size_t)row * used + j;
      sum = MAD(weights[place], in[place * width + i], sum);
    }
    out[(size_t)row * width + i] += sum;
  }
}
