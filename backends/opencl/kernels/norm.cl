// RmsNorm: a group for each row, or for each part of one that is normed by itself.
//: common

__kernel GROUP void norm(__global const uint* step, __global const float* in,
                         __global const float* weight, __global float* out, uint width,
                         uint groups, uint count_word, float eps) {
  __local float room[ITEMS];
  const uint part = get_group_id(0), row = get_group_id(1), item = get_local_id(0);
  if (row >= step[count_word]) return;
  const size_t base = ((size_t)row * groups + part) * width;
  in += base;
  out += base;
  float16 squares = 0;
  const uint whole = width / 16;
  for (uint i = item; i < whole; i += ITEMS) {
    const float16 x = vload16(i, in);
    squares = MAD(x, x, squares);
  }
  float sum = sum16(squares);
  for (uint i = whole * 16 + item; i < width; i += ITEMS) sum = MAD(in[i], in[i], sum);
  sum = group_sum(sum, room);
  const float factor = 1.0f / sqrt(sum / (float)width + eps);
  for (uint i = item; i < whole; i += ITEMS) {
    vstore16(vload16(i, in) * factor * vload16(i, weight), i, out);
  }
  for (uint i = whole * 16 + item; i < width; i += ITEMS) out[i] = in[i] * factor * weight[i];
}
