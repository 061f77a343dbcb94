// Matrices times many rows of activations on processors: the lanes of a vector are 16 columns.
//
// Activations are packed before (pack.cl). A work-item makes ROWS rows by 16 * BLOCKS columns; its
// weights are unpacked once and broadcast.
//: common
//: builtin
//: formats

#define FLAG_BIAS 1
#define FLAG_ACCUMULATE 2

#if defined(HAS_MADD) && !IS_FLOAT
#define INTEGERS 1
#else
#define INTEGERS 0
#endif

// Groups 0: rows, 1: blocks of columns.
__kernel GROUP void gemm(__global const uint* step, __global const uint* w,
                         __global const float* packed, __global float* out,
                         __global const float* bias, uint rows, uint first_row, uint in_width,
                         uint out_width, uint high_at, uint scales_at, uint fine_at,
                         uint x_scales_at, uint count_word, uint flags) {
  const uint columns = step[count_word];
  const uint first_column = get_group_id(1) * 16 * BLOCKS, row = get_group_id(0) * ROWS;
  if (first_column >= columns) return;
  float16 sums[ROWS][BLOCKS];
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) {
#pragma unroll
    for (uint b = 0; b < BLOCKS; ++b) sums[r][b] = 0;
  }
#if IS_FLOAT
  const uint groups = (in_width + 31) / 32;
#else
  const uint groups = in_width / 32;
#endif
#if INTEGERS
  float d[ROWS][FORMAT == Q6_K ? 1 : 8];
#if HAS_MIN
  float m[ROWS][8];
#endif
#endif
  for (uint g = 0; g < groups; ++g) {
#if INTEGERS
    int16 unpacked[ROWS];  // pairs
#if FORMAT == Q6_K
    const uint in_span = 0;
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      const uint group = min(row + r, rows - 1) * groups + g;
      if (g % SPAN == 0) d[r][0] = half_at(group / 8, (__global const half*)(w + scales_at));
      unpacked[r] = scaled_codes(w, high_at, fine_at, group);
    }
#else
    const uint in_span = g % 8;
    if (in_span == 0) {
      for (uint r = 0; r < ROWS; ++r) {
        float8 of_row, minima;
        chunk_scales(w, scales_at, fine_at, min(row + r, rows - 1) * groups + g,
                     min(groups - g, 8u), &of_row, &minima);
        vstore8(of_row, 0, d[r]);
#if HAS_MIN
        vstore8(minima, 0, m[r]);
#endif
      }
    }
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      unpacked[r] = short_codes(w, high_at, min(row + r, rows - 1) * groups + g);
    }
#endif
    __global const int16* x[BLOCKS];
    __global const float16* x_scales[BLOCKS];
#pragma unroll
    for (uint b = 0; b < BLOCKS; ++b) {
      const size_t at = (size_t)(get_group_id(1) * BLOCKS + b) * groups + g;
      x[b] = (__global const int16*)packed + at * 16;
      x_scales[b] = (__global const float16*)(packed + x_scales_at) + at * 2;
    }
    int16 dots[ROWS][BLOCKS];
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
#pragma unroll
      for (uint b = 0; b < BLOCKS; ++b) dots[r][b] = 0;
    }
// Unrolled, sums would be put in another order that needs more registers than there are.
#pragma unroll 1
    for (uint i = 0; i < 16; ++i) {
      int16 pair[BLOCKS];
#pragma unroll
      for (uint b = 0; b < BLOCKS; ++b) pair[b] = x[b][i];
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) {
        const int16 weight = (int16)(((const int*)(unpacked + r))[i]);
#pragma unroll
        for (uint b = 0; b < BLOCKS; ++b) dots[r][b] += madd(weight, pair[b]);
      }
    }
#pragma unroll
    for (uint b = 0; b < BLOCKS; ++b) {
      const float16 scale = x_scales[b][0];
#if HAS_MIN
      const float16 sum = x_scales[b][1];
#endif
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) {
        sums[r][b] = MAD(convert_float16(dots[r][b]), scale * d[r][in_span], sums[r][b]);
#if HAS_MIN
        sums[r][b] = MAD(sum, (float16)(-m[r][in_span]), sums[r][b]);
#endif
      }
    }
#else
    float unpacked[ROWS][32];
    const uint depth = min(in_width - g * 32, 32u);
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
#if IS_FLOAT
      __global const uint* from = w + (size_t)min(row + r, rows - 1) * ROW_WORDS(in_width);
      if (depth == 32) {
        vstore16(weights16(from, g * 32), 0, unpacked[r]);
        vstore16(weights16(from, g * 32 + 16), 1, unpacked[r]);
      } else {
        for (uint i = 0; i < depth; ++i) unpacked[r][i] = weight1(from, g * 32 + i);
      }
#else
      const uint group = min(row + r, rows - 1) * groups + g;
      int16 low, high;
      float d_low, d_high, m;
      codes(w, high_at, group, &low, &high);
      scales(w, scales_at, fine_at, group, &d_low, &d_high, &m);
      vstore16(convert_float16(low) * d_low - m, 0, unpacked[r]);
      vstore16(convert_float16(high) * d_high - m, 1, unpacked[r]);
#endif
    }
    __global const float* x[BLOCKS];
#pragma unroll
    for (uint b = 0; b < BLOCKS; ++b) {
      x[b] = packed + ((size_t)(get_group_id(1) * BLOCKS + b) * in_width + g * 32) * 16;
    }
    for (uint i = 0; i < depth; ++i) {
      float16 value[BLOCKS];
#pragma unroll
      for (uint b = 0; b < BLOCKS; ++b) value[b] = vload16(i, x[b]);
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) {
        const float16 weight = (float16)(unpacked[r][i]);
#pragma unroll
        for (uint b = 0; b < BLOCKS; ++b) sums[r][b] = MAD(weight, value[b], sums[r][b]);
      }
    }
#endif
  }
#pragma unroll
  for (uint b = 0; b < BLOCKS; ++b) {
    float tile[ROWS][16];
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) vstore16(sums[r][b], 0, tile[r]);
    const uint begin = first_column + 16 * b;
    const uint end = min(columns, begin + 16), row_end = min((uint)ROWS, rows - row);
    for (uint column = begin; column < end; ++column) {
      __global float* to = out + (size_t)column * out_width + first_row + row;
      for (uint r = 0; r < row_end; ++r) {
        float value = tile[r][column - begin];
        if (flags & FLAG_BIAS) value += bias[first_row + row + r];
        if (flags & FLAG_ACCUMULATE) value += to[r];
        to[r] = value;
      }
    }
  }
}
