// Activations on their way to gemm_wide.cl and, by pack_rows, to matvec.cl.
//
// pack: 16 columns stand side by side for each input.
//
// For quantized weights, where there is `madd`, activations are 16-bit integers with a scale for
// each column and 32 inputs, two neighbouring inputs in one place:
//
//   [columns / 16][in_width / 32][16 pairs][16 columns] {k even, k odd}
//   then at scales_at, as floats: [columns / 16][in_width / 32][2][16 columns] {scale, sum}
//
// Else they are floats: [columns / 16][in_width][16 columns].
//
// pack_rows, where there is `madd`: 16-bit integers too, of two groups of 32 inputs both first halves
// and then both second ones, with the scales and then the sums of groups, padded with zeros to 8:
// [columns][in_width / 64, rounded up][2][2][16], at scales_at
// [columns][2][in_width / 32, up to a multiple of 8].
//
// norm_rows: an RmsNorm (norm.cl) and pack_rows of what it makes, in one.
//: common
//: builtin

// Sums of 32 products with weights of up to 2^12 (scaled_codes of formats.cl) stay below 2^31.
#define MOST_CODE 16383.0f

#if defined(HAS_MADD) && QUANTIZED
#define INTEGERS 1
#else
#define INTEGERS 0
#endif

// A work-item for each 32 inputs of each 16 columns. Columns that do not exist become zeros.
__kernel GROUP void pack(__global const uint* step, __global const float* in,
                         __global float* packed, uint in_width, uint x_scales_at, uint count_word) {
  const uint group = get_group_id(0), block = get_group_id(1);
  const uint columns = step[count_word];
  if (columns == 0) return;
#if INTEGERS
  const uint groups = in_width / 32;
  __global short* to = (__global short*)packed + ((size_t)block * groups + group) * 512;
  __global float* scale_to = packed + x_scales_at + ((size_t)block * groups + group) * 32;
  for (uint c = 0; c < 16; ++c) {
    const uint column = block * 16 + c;
    float16 low = 0, high = 0;
    if (column < columns) {
      low = vload16(2 * group, in + (size_t)column * in_width);
      high = vload16(2 * group + 1, in + (size_t)column * in_width);
    }
    const float largest = max16(fmax(fabs(low), fabs(high)));
    const float scale = largest / MOST_CODE, inverse = largest > 0 ? MOST_CODE / largest : 0.0f;
    short codes[32];
    vstore16(convert_short16_sat_rte(low * inverse), 0, codes);
    vstore16(convert_short16_sat_rte(high * inverse), 1, codes);
    for (uint i = 0; i < 16; ++i) vstore2(vload2(i, codes), i * 16 + c, to);
    scale_to[c] = scale;
    scale_to[16 + c] = sum16(low + high);
  }
#else
  const uint end = min(in_width - group * 32, 32u);
  __global float* to = packed + ((size_t)block * in_width + group * 32) * 16;
  for (uint c = 0; c < 16; ++c) {
    const uint column = block * 16 + c;
    __global const float* from = in + (size_t)min(column, columns - 1) * in_width + group * 32;
    for (uint i = 0; i < end; ++i) to[i * 16 + c] = column < columns ? from[i] : 0.0f;
  }
#endif
}

#if INTEGERS
// Groups first..first + 7 of `column`, whose values are those of `from` times `factor`, and those of
// `weight` where there is one; then they go to `values` too.
static void pack_groups(__global const float* from, float factor, __global const float* weight,
                        __global float* values, __global float* packed, uint first, uint groups,
                        uint column, uint x_scales_at) {
  const uint padded = (groups + 7) / 8 * 8;
  __global short16* to = (__global short16*)packed + (size_t)column * ((groups + 1) / 2 * 4);
  __global float* scale_to = packed + x_scales_at + (size_t)column * 2 * padded;
  for (uint g = first; g < first + 8; ++g) {
    float scale = 0, sum = 0;
    if (g < groups) {
      float16 low = vload16(2 * g, from), high = vload16(2 * g + 1, from);
      if (weight != 0) {
        low = low * factor * vload16(2 * g, weight);
        high = high * factor * vload16(2 * g + 1, weight);
        vstore16(low, 2 * g, values);
        vstore16(high, 2 * g + 1, values);
      }
      const float largest = max16(fmax(fabs(low), fabs(high)));
      const float inverse = largest > 0 ? MOST_CODE / largest : 0.0f;
      to[g / 2 * 4 + g % 2] = convert_short16(rint(low * inverse));
      to[g / 2 * 4 + 2 + g % 2] = convert_short16(rint(high * inverse));
      scale = largest / MOST_CODE;
      sum = sum16(low + high);
    } else if (g == groups && groups % 2 == 1) {
      to[g / 2 * 4 + 1] = to[g / 2 * 4 + 3] = 0;
    }
    scale_to[g] = scale;
    scale_to[padded + g] = sum;
  }
}
#endif

// A work-item for each row of few; in_width is a multiple of 32.
__kernel GROUP void norm_rows(__global const uint* step, __global const float* in,
                              __global const float* weight, __global float* out,
                              __global float* packed, uint in_width, uint x_scales_at,
                              uint count_word, float eps) {
  const uint row = get_group_id(0);
  if (row >= step[count_word]) return;
  in += (size_t)row * in_width;
  out += (size_t)row * in_width;
  float16 squares = 0;
  for (uint i = 0; i < in_width / 16; ++i) {
    const float16 x = vload16(i, in);
    squares = MAD(x, x, squares);
  }
  const float factor = 1.0f / sqrt(sum16(squares) / (float)in_width + eps);
#if INTEGERS
  for (uint first = 0; first < in_width / 32; first += 8) {
    pack_groups(in, factor, weight, out, packed, first, in_width / 32, row, x_scales_at);
  }
#else
  for (uint i = 0; i < in_width / 16; ++i) {
    vstore16(vload16(i, in) * factor * vload16(i, weight), i, out);
  }
#endif
}

// A work-item for each 8 groups of 32 inputs of a column.
__kernel GROUP void pack_rows(__global const uint* step, __global const float* in,
                              __global float* packed, uint in_width, uint x_scales_at,
                              uint count_word, uint rows_each) {
#if INTEGERS
  const uint column = get_group_id(1);
  if (column >= step[count_word] * rows_each) return;
  pack_groups(in + (size_t)column * in_width, 1, 0, 0, packed, get_group_id(0) * 8, in_width / 32,
              column, x_scales_at);
#endif
}
