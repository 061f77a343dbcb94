// Rows of a table: a work-item decodes 32 weights of a token's row.
//: common
//: builtin
//: formats

__kernel GROUP void embed(__global const uint* step, __global const uint* w, __global float* out,
                          uint width, uint first_row, uint rows, uint high_at, uint scales_at,
                          uint fine_at) {
  const uint chunk = get_global_id(0), token = get_global_id(1);
  const uint begin = chunk * 32;
  if (token >= step[STEP_TOKENS] || begin >= width) return;
  const uint row = step[STEP_FIRST_TOKEN + 4 * token] - first_row;
  if (row >= rows) return;  // stands in another part
  out += (size_t)token * width + begin;
#if IS_FLOAT
  __global const uint* from = w + (size_t)row * ROW_WORDS(width);
  const uint end = min(width - begin, 32u);
  for (uint k = 0; k < end; ++k) out[k] = weight1(from, begin + k);
#else
  const uint group = row * (width / 32) + chunk;
  int16 low, high;
  float d_low, d_high, m;
  codes(w, high_at, group, &low, &high);
  scales(w, scales_at, fine_at, group, &d_low, &d_high, &m);
  vstore16(convert_float16(low) * d_low - m, 0, out);
  vstore16(convert_float16(high) * d_high - m, 1, out);
#endif
}
