// Matrices times many rows of activations.
//
// A group makes a tile of 64 rows by 32 columns, 4 by 4 for each of its 128 work-items; 32 values
// of each row and column at a time stand in local memory.
//: common
//: builtin
//: formats

#define FLAG_BIAS 1
#define FLAG_ACCUMULATE 2
#define TILE_ROWS 64
#define TILE_COLUMNS 32
#define DEPTH 32

__kernel GROUP void gemm(__global const uint* step, __global const uint* w,
                         __global const float* in, __global float* out, __global const float* bias,
                         uint rows, uint first_row, uint in_width, uint out_width, uint high_at,
                         uint scales_at, uint fine_at, uint count_word, uint flags) {
  __local float weights[DEPTH][TILE_ROWS];
  __local float values[DEPTH][TILE_COLUMNS];
  const uint columns = step[count_word];
  const uint first_column = get_group_id(1) * TILE_COLUMNS, tile_row = get_group_id(0) * TILE_ROWS;
  if (first_column >= columns) return;
  const uint item = get_local_id(0);
  const uint my_row = item / 8 * 4, my_column = item % 8 * 4;
  float4 sums[4] = {(float4)(0), (float4)(0), (float4)(0), (float4)(0)};
  for (uint k = 0; k < in_width; k += DEPTH) {
    if (item < TILE_ROWS) {
      const uint row = min(tile_row + item, rows - 1);
#if IS_FLOAT
      __global const uint* from = w + (size_t)row * ROW_WORDS(in_width);
      for (uint i = 0; i < DEPTH; ++i) {
        weights[i][item] = k + i < in_width ? weight1(from, k + i) : 0.0f;
      }
#else
      const uint group = row * (in_width / 32) + k / 32;
      int16 low, high;
      float d_low, d_high, m, unpacked[32];
      codes(w, high_at, group, &low, &high);
      scales(w, scales_at, fine_at, group, &d_low, &d_high, &m);
      vstore16(convert_float16(low) * d_low - m, 0, unpacked);
      vstore16(convert_float16(high) * d_high - m, 1, unpacked);
#pragma unroll
      for (uint i = 0; i < DEPTH; ++i) weights[i][item] = unpacked[i];
#endif
    } else {
      const uint c = (item - TILE_ROWS) / 2, half_at = (item - TILE_ROWS) % 2 * 16;
      const size_t base = (size_t)min(first_column + c, columns - 1) * in_width;
      for (uint i = half_at; i < half_at + 16; ++i) {
        values[i][c] = k + i < in_width ? in[base + k + i] : 0.0f;
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint i = 0; i < DEPTH; ++i) {
      const float4 a = vload4(0, weights[i] + my_row), x = vload4(0, values[i] + my_column);
      sums[0] = MAD((float4)(a.x), x, sums[0]);
      sums[1] = MAD((float4)(a.y), x, sums[1]);
      sums[2] = MAD((float4)(a.z), x, sums[2]);
      sums[3] = MAD((float4)(a.w), x, sums[3]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
#pragma unroll
  for (uint r = 0; r < 4; ++r) {
    const float four[4] = {sums[r].x, sums[r].y, sums[r].z, sums[r].w};
#pragma unroll
    for (uint c = 0; c < 4; ++c) {
      const uint row = tile_row + my_row + r, column = first_column + my_column + c;
      if (row >= rows || column >= columns) continue;
      const uint o = first_row + row;
      __global float* to = out + (size_t)column * out_width + o;
      float value = four[c];
      if (flags & FLAG_BIAS) value += bias[o];
      if (flags & FLAG_ACCUMULATE) value += *to;
      *to = value;
    }
  }
}
