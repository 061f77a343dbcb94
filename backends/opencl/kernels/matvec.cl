// Matrices times COLUMNS rows of activations, in floats: for steps of few tokens, and for experts.
//
// ROWS rows of the matrix are worked on together, so that activations are loaded once for them.
// WIDE: a work-item has blocks of ROWS rows to itself. With PACKED, where there is `madd`,
// quantized weights meet the activations of pack.cl's pack_rows. Else the work-items of a group share one
// block, each taking every ITEMS-th group of 32 weights, and add up at the end.
//
// With FLAG_GATED out = silu(w · in) * (w2 · in). With FLAG_EXPERTS column c is choice c % used of
// token c / used, with rows of the expert that `ids` names; FLAG_SHARED: of the token's one input.
//
// With BESIDE up to three matrices of one format meet the same input: groups from begin_b on work on
// the second, those from begin_c on on the third.
//: common
//: builtin
//: formats

#define FLAG_BIAS 1
#define FLAG_ACCUMULATE 2
#define FLAG_GATED 4
#define FLAG_EXPERTS 8
#define FLAG_SHARED 16

#if defined(HAS_MADD) && !IS_FLOAT && PACKED
#define INTEGERS 1
#else
#define INTEGERS 0
#endif

typedef struct {
  uint high_at, scales_at, fine_at, in_width;
} Shape;

#if INTEGERS
// Adds the products of groups chunk + at and the one behind, whose scales are spread by `lanes`.
#if HALVES == 2
#define ADD_DOTS(lanes)                                                                   \
  sums[r][c] = MAD(convert_float16(madd(low, x_low)), d[r][c][0].lanes, sums[r][c]);      \
  sums[r][c] = MAD(convert_float16(madd(high, x_high)), d[r][c][HALVES - 1].lanes, sums[r][c]);
#else
#define ADD_DOTS(lanes) \
  sums[r][c] =          \
      MAD(convert_float16(madd(low, x_low) + madd(high, x_high)), d[r][c][0].lanes, sums[r][c]);
#endif
#define ADD_PAIR(at, lanes)                                                                    \
  if (at < count) {                                                                            \
    _Pragma("unroll") for (uint r = 0; r < ROWS; ++r) {                                        \
      int16 low, high;                                                                         \
      pair_codes(w, shape.high_at, min(first + r, last) * groups + chunk + at, &low, &high);   \
      _Pragma("unroll") for (uint c = 0; c < COLUMNS; ++c) {                                   \
        const int16 x_low = ((__global const int16*)x[c])[chunk + at];                         \
        const int16 x_high = ((__global const int16*)x[c])[chunk + at + 1];                    \
        ADD_DOTS(lanes)                                                                        \
      }                                                                                        \
    }                                                                                          \
  }

static void multiply_integers(__global const uint* w, const Shape shape, uint first, uint last,
                              __global const int* const* x, __global const float* const* x_scales,
                              float16 sums[ROWS][COLUMNS], float tails[ROWS][COLUMNS]) {
  const uint groups = shape.in_width / 32;
#if HAS_MIN
  const uint sums_at = (groups + 7) / 8 * 8;
  float8 mins[ROWS][COLUMNS];
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) {
#pragma unroll
    for (uint c = 0; c < COLUMNS; ++c) mins[r][c] = 0;
  }
#endif
  for (uint chunk = 0; chunk < groups; chunk += 8) {
    const uint count = min(groups - chunk, 8u);
    float8 d[ROWS][COLUMNS][HALVES];
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      float8 of_weights[HALVES], m;
      chunk_scales(w, shape.scales_at, shape.fine_at, min(first + r, last) * groups + chunk, count,
                   of_weights, &m);
#pragma unroll
      for (uint c = 0; c < COLUMNS; ++c) {
        const float8 scale = *(__global const float8*)(x_scales[c] + chunk);
#pragma unroll
        for (uint side = 0; side < HALVES; ++side) d[r][c][side] = of_weights[side] * scale;
#if HAS_MIN
        mins[r][c] = MAD(m, *(__global const float8*)(x_scales[c] + sums_at + chunk), mins[r][c]);
#endif
      }
    }
    ADD_PAIR(0, s0000000011111111)
    ADD_PAIR(2, s2222222233333333)
    ADD_PAIR(4, s4444444455555555)
    ADD_PAIR(6, s6666666677777777)
  }
#if HAS_MIN
#pragma unroll
  for (uint r = 0; r < ROWS; ++r) {
#pragma unroll
    for (uint c = 0; c < COLUMNS; ++c) {
      tails[r][c] -= sum16((float16)(mins[r][c], (float8)(0)));
    }
  }
#endif
}
#endif

// Adds the products of `rows` (of which matrix rows first + 0..ROWS-1, none above last) and x.
static void multiply(__global const uint* w, const Shape shape, uint first, uint last,
                     __global const float* const* x, uint begin, uint stride,
                     float16 sums[ROWS][COLUMNS], float tails[ROWS][COLUMNS]) {
  const uint width = shape.in_width;
#if IS_FLOAT
  const size_t words = ROW_WORDS(width);
  const uint whole = width / 16;
  for (uint i = begin; i < whole; i += stride) {
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      const float16 weights = weights16(w + min(first + r, last) * words, i * 16);
#pragma unroll
      for (uint c = 0; c < COLUMNS; ++c) sums[r][c] = MAD(weights, vload16(i, x[c]), sums[r][c]);
    }
  }
  for (uint k = whole * 16 + begin; k < width; k += stride) {
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      const float weight = weight1(w + min(first + r, last) * words, k);
#pragma unroll
      for (uint c = 0; c < COLUMNS; ++c) tails[r][c] = MAD(weight, x[c][k], tails[r][c]);
    }
  }
#elif defined(WIDE)
  const uint groups = width / 32;
  for (uint span = 0; span < groups; span += SPAN) {
    float d[ROWS][2 * SPAN < 16 ? 2 : 16], m[ROWS][SPAN];
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      span_scales(w, shape.scales_at, shape.fine_at, min(first + r, last) * groups + span, d[r],
                  m[r]);
    }
    for (uint i = 0; i < SPAN; ++i) {
      const uint g = span + i;
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) {
        int16 low, high;
        codes(w, shape.high_at, min(first + r, last) * groups + g, &low, &high);
#if HAS_MIN
        const float16 a = MAD(convert_float16(low), (float16)(d[r][2 * i]), (float16)(-m[r][i]));
        const float16 b = MAD(convert_float16(high), (float16)(d[r][2 * i]), (float16)(-m[r][i]));
#else
        const float16 a = convert_float16(low) * d[r][2 * i];
        const float16 b = convert_float16(high) * d[r][2 * i + 1];
#endif
#pragma unroll
        for (uint c = 0; c < COLUMNS; ++c) {
          sums[r][c] = MAD(a, vload16(2 * g, x[c]), sums[r][c]);
          sums[r][c] = MAD(b, vload16(2 * g + 1, x[c]), sums[r][c]);
        }
      }
    }
  }
#else
  const uint groups = width / 32;
  for (uint g = begin; g < groups; g += stride) {
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      const uint group = min(first + r, last) * groups + g;
      int16 low, high;
      float d_low, d_high, m;
      codes(w, shape.high_at, group, &low, &high);
      scales(w, shape.scales_at, shape.fine_at, group, &d_low, &d_high, &m);
#pragma unroll
      for (uint c = 0; c < COLUMNS; ++c) {
        const float16 x_low = vload16(2 * g, x[c]), x_high = vload16(2 * g + 1, x[c]);
        float16 products = convert_float16(low) * x_low * d_low;
        products = MAD(convert_float16(high) * x_high, (float16)(d_high), products);
#if HAS_MIN
        products = MAD(x_low + x_high, (float16)(-m), products);
#endif
        tails[r][c] += sum16(products);
      }
    }
  }
#endif
}

__kernel GROUP void matvec(__global const uint* step, __global const uint* w,
                           __global const uint* w2, __global const float* in, __global float* out,
                           __global const float* bias, __global const int* ids, uint rows,
                           uint first_row, uint in_width, uint out_width, uint high_at,
                           uint scales_at, uint fine_at, uint count_word, uint flags, uint used,
                           uint blocks_each, __global const float* packed, uint x_scales_at
#ifdef BESIDE
                           ,
                           uint begin_b, __global const uint* w_b, __global float* out_b,
                           __global const float* bias_b, uint rows_b, uint high_b, uint scales_b,
                           uint fine_b, uint flags_b, uint begin_c, __global const uint* w_c,
                           __global float* out_c, __global const float* bias_c, uint rows_c,
                           uint high_c, uint scales_c, uint fine_c, uint flags_c
#endif
) {
  __local float room[ITEMS];
  uint group_at = get_group_id(0);
#ifdef BESIDE
  if (group_at >= begin_b) {
    const bool third = group_at >= begin_c;
    group_at -= third ? begin_c : begin_b;
    w = third ? w_c : w_b;
    out = third ? out_c : out_b;
    bias = third ? bias_c : bias_b;
    rows = out_width = third ? rows_c : rows_b;
    high_at = third ? high_c : high_b;
    scales_at = third ? scales_c : scales_b;
    fine_at = third ? fine_c : fine_b;
    flags = third ? flags_c : flags_b;
  }
#endif
  const uint columns = step[count_word] * used;
  const uint column = get_group_id(1) * COLUMNS;
  if (column >= columns) return;
  const Shape shape = {high_at, scales_at, fine_at, in_width};
  uint matrix_rows = rows, expert_row = 0;
  if (flags & FLAG_EXPERTS) {
    // Of the rows in this buffer those of the expert, if it stands here.
    const int id = ids[column];
    if (id < 0 || (uint)id * out_width < first_row || (uint)id * out_width >= first_row + rows) {
      return;
    }
    expert_row = (uint)id * out_width - first_row;
    matrix_rows = out_width;
  }
  __global const float* x[COLUMNS];
#pragma unroll
  for (uint c = 0; c < COLUMNS; ++c) {
    const uint at = min(column + c, columns - 1);
    x[c] = in + (size_t)(flags & FLAG_SHARED ? at / used : at) * in_width;
  }
#if INTEGERS
  __global const int* codes_of[COLUMNS];
  __global const float* scales_of[COLUMNS];
#pragma unroll
  for (uint c = 0; c < COLUMNS; ++c) {
    const uint choice = min(column + c, columns - 1);
    const uint at = flags & FLAG_SHARED ? choice / used : choice;
    codes_of[c] = (__global const int*)packed + (size_t)at * ((in_width + 32) / 64 * 32);
    scales_of[c] = packed + x_scales_at + (size_t)at * ((in_width / 32 + 7) / 8 * 16);
  }
#endif
  const uint last = expert_row + matrix_rows - 1;
  for (uint block = 0; block < blocks_each; ++block) {
    const uint row = (group_at * blocks_each + block) * ROWS;
    if (row >= matrix_rows) return;
    float16 sums[ROWS][COLUMNS];
    float tails[ROWS][COLUMNS];
    float gates[ROWS][COLUMNS];
    const uint matrices = flags & FLAG_GATED ? 2 : 1;
    for (uint matrix = 0; matrix < matrices; ++matrix) {
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) {
#pragma unroll
        for (uint c = 0; c < COLUMNS; ++c) {
          gates[r][c] = matrix == 0 ? 0 : tails[r][c];
          sums[r][c] = 0;
          tails[r][c] = 0;
        }
      }
#if INTEGERS
      multiply_integers(matrix == 0 ? w : w2, shape, expert_row + row, last, codes_of, scales_of,
                        sums, tails);
#else
      multiply(matrix == 0 ? w : w2, shape, expert_row + row, last, x, get_local_id(0), ITEMS, sums,
               tails);
#endif
#pragma unroll
      for (uint r = 0; r < ROWS; ++r) {
#pragma unroll
        for (uint c = 0; c < COLUMNS; ++c) {
          tails[r][c] = group_sum(tails[r][c] + sum16(sums[r][c]), room);
        }
      }
    }
    if (get_local_id(0) != 0) continue;
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
#pragma unroll
      for (uint c = 0; c < COLUMNS; ++c) {
        if (row + r >= matrix_rows || column + c >= columns) continue;
        const uint o = (flags & FLAG_EXPERTS ? 0 : first_row) + row + r;
        __global float* to = out + (size_t)(column + c) * out_width + o;
        float value = tails[r][c];
        if (flags & FLAG_GATED) value *= silu(gates[r][c]);
        if (flags & FLAG_BIAS) value += bias[o];
        if (flags & FLAG_ACCUMULATE) value += *to;
        *to = value;
      }
    }
  }
}
