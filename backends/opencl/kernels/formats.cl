// Weights out of planes (backends/gpu/planes.h): groups of 32 as two vectors of 16.
//
// A quantized weight is d * code - m. `codes` unpacks a group, `scales` gives its d for either half
// and its m, `span_scales` those of SPAN groups at once.
#define F32 0
#define F16 1
#define BF16 2
#define Q8_0 3
#define Q4_0 4
#define Q4_1 5
#define Q5_0 6
#define Q5_1 7
#define Q4_K 8
#define Q5_K 9
#define Q6_K 10
#define IQ4_NL 11
#define MXFP4 12

#define IS_FLOAT (FORMAT <= BF16)
#define HAS_MIN (FORMAT == Q4_1 || FORMAT == Q5_1 || FORMAT == Q4_K || FORMAT == Q5_K)
#define HAS_SUPER (FORMAT == Q4_K || FORMAT == Q5_K)
#define HALVES (FORMAT == Q6_K ? 2 : 1)  // of a group with a scale of their own
#define SPAN (FORMAT == Q6_K || HAS_SUPER ? 8 : 1)

#if IS_FLOAT

// Words of a row: padded to 16 bytes.
#if FORMAT == F32
#define ROW_WORDS(width) (((width) + 3) / 4 * 4)
static float16 weights16(__global const uint* row, uint k) {
  return vload16(0, (__global const float*)row + k);
}
static float weight1(__global const uint* row, uint k) { return ((__global const float*)row)[k]; }
#elif FORMAT == F16
#define ROW_WORDS(width) (((width) + 7) / 8 * 4)
static float16 weights16(__global const uint* row, uint k) {
  return halves16((__global const half*)row + k);
}
static float weight1(__global const uint* row, uint k) {
  return half_at(k, (__global const half*)row);
}
#else
#define ROW_WORDS(width) (((width) + 7) / 8 * 4)
static float16 weights16(__global const uint* row, uint k) {
  return as_float16(convert_uint16(shorts16((__global const ushort*)row + k)) << 16);
}
static float weight1(__global const uint* row, uint k) {
  return as_float((uint)((__global const ushort*)row)[k] << 16);
}
#endif

#else

#if FORMAT == IQ4_NL || FORMAT == MXFP4
// The values of 16 codes, each a byte of four words: a choice among words costs less than an array.
#if FORMAT == IQ4_NL
#define CODE_WORDS 0xbfad9881u, 0xf6eaddcfu, 0x26190d01u, 0x71594535u
#else
#define CODE_WORDS 0x03020100u, 0x0c080604u, 0xfdfeff00u, 0xf4f8fafcu
#endif
static int16 values_of(int16 code) {
  const uint words[4] = {CODE_WORDS};
  const int16 low = select((int16)((int)words[0]), (int16)((int)words[1]), (code & 4) != 0);
  const int16 high = select((int16)((int)words[2]), (int16)((int)words[3]), (code & 4) != 0);
  const int16 word = select(low, high, (code & 8) != 0);
  return (word << (24 - 8 * (code & 3))) >> 24;
}
#endif

static void codes(__global const uint* w, uint high_at, uint group, int16* low, int16* high) {
#if FORMAT == Q8_0
  __global const char* bytes = (__global const char*)w + (size_t)group * 32;
  *low = convert_int16(as_char16(bytes16(bytes)));
  *high = convert_int16(as_char16(bytes16(bytes + 16)));
#else
  const int16 bytes = convert_int16(bytes16((__global const uchar*)w + (size_t)group * 16));
  *low = bytes & 15;
  *high = bytes >> 4;
#if FORMAT == Q5_0 || FORMAT == Q5_1 || FORMAT == Q5_K
  const uint16 bits = (uint16)(w[high_at + group]);
  const uint16 place = (uint16)(0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
  *low |= as_int16((bits >> place & 1u) << 4);
  *high |= as_int16((bits >> (place + 4u) & 1u) << 4);
#elif FORMAT == Q6_K
  const uint2 bits = vload2(group, w + high_at);
  const uint16 place = (uint16)(0, 8, 16, 24, 2, 10, 18, 26, 4, 12, 20, 28, 6, 14, 22, 30);
  *low |= as_int16(((uint16)(bits.x) >> place & 3u) << 4);
  *high |= as_int16(((uint16)(bits.y) >> place & 3u) << 4);
#endif
#if FORMAT == IQ4_NL || FORMAT == MXFP4
  *low = values_of(*low);
  *high = values_of(*high);
#elif FORMAT == Q4_0
  *low -= 8;
  *high -= 8;
#elif FORMAT == Q5_0
  *low -= 16;
  *high -= 16;
#elif FORMAT == Q6_K
  *low -= 32;
  *high -= 32;
#endif
#endif
}

#ifdef HAS_MADD
// 32 codes as 16-bit integers.
static int16 short_codes_of(uint8 bytes) {
#if FORMAT == Q8_0
  return chars_to_shorts(bytes);
#elif FORMAT == IQ4_NL || FORMAT == MXFP4
  return chars_to_shorts(choose_bytes((uint4)(CODE_WORDS), bytes));
#elif FORMAT == Q4_0
  return add_to_shorts(uchars_to_shorts(bytes), -8);
#elif FORMAT == Q5_0
  return add_to_shorts(uchars_to_shorts(bytes), -16);
#elif FORMAT == Q6_K
  return add_to_shorts(uchars_to_shorts(bytes), -32);
#else
  return uchars_to_shorts(bytes);
#endif
}

// A group's codes in their order.
static int16 short_codes(__global const uint* w, uint high_at, uint group) {
#if FORMAT == Q8_0
  __global const uint4* words = (__global const uint4*)w + 2 * (size_t)group;
  return short_codes_of((uint8)(words[0], words[1]));
#else
  const uint4 words = ((__global const uint4*)w)[group];
  uint8 bytes = (uint8)(words, words) >> (uint8)(0, 0, 0, 0, 4, 4, 4, 4) & 0x0f0f0f0fu;
#if FORMAT == Q5_0 || FORMAT == Q5_1 || FORMAT == Q5_K
  bytes |= ((uint8)(w[high_at + group]) >> (uint8)(0, 1, 2, 3, 4, 5, 6, 7) & 0x01010101u) << 4;
#elif FORMAT == Q6_K
  const uint2 bits = ((__global const uint2*)(w + high_at))[group];
  bytes |= (bits.xxxxyyyy << (uint8)(4, 2, 0, 0, 4, 2, 0, 0) >> (uint8)(0, 0, 0, 2, 0, 0, 0, 2) &
            0x30303030u);
#endif
  return short_codes_of(bytes);
#endif
}

// The codes of two neighbouring groups: the first halves of both, then the second ones.
static void pair_codes(__global const uint* w, uint high_at, uint group, int16* low, int16* high) {
#if FORMAT == Q8_0
  __global const uint4* words = (__global const uint4*)w + 2 * (size_t)group;
  *low = short_codes_of((uint8)(words[0], words[2]));
  *high = short_codes_of((uint8)(words[1], words[3]));
#else
  __global const uint4* words = (__global const uint4*)w + group;
  const uint8 both = (uint8)(words[0], words[1]);
#if FORMAT == Q4_1 || FORMAT == Q4_K
  const int16 shorts = uchars_to_shorts(both);
  *low = shorts & 0x000f000f;
  *high = shift_shorts(shorts, 4);
#else
  uint8 first = both & 0x0f0f0f0fu, second = both >> 4 & 0x0f0f0f0fu;
#if FORMAT == Q5_0 || FORMAT == Q5_1 || FORMAT == Q5_K
  const uint8 bits = (uint8)((uint4)(w[high_at + group]), (uint4)(w[high_at + group + 1]));
  first |= (bits << 4 >> (uint8)(0, 1, 2, 3, 0, 1, 2, 3)) & 0x10101010u;
  second |= bits >> (uint8)(0, 1, 2, 3, 0, 1, 2, 3) & 0x10101010u;
#elif FORMAT == Q6_K
  const uint4 bits = *(__global const uint4*)(w + high_at + 2 * group);
  const uint8 left = (uint8)(4, 2, 0, 0, 4, 2, 0, 0), right = (uint8)(0, 0, 0, 2, 0, 0, 0, 2);
  first |= bits.xxxxzzzz << left >> right & 0x30303030u;
  second |= bits.yyyywwww << left >> right & 0x30303030u;
#endif
  *low = short_codes_of(first);
  *high = short_codes_of(second);
#endif
#endif
}
#endif

static void scales(__global const uint* w, uint scales_at, uint fine_at, uint group, float* d_low,
                   float* d_high, float* m) {
#if FORMAT != MXFP4
  __global const half* halves = (__global const half*)(w + scales_at);
#endif
  *m = 0;
#if FORMAT == MXFP4
  // 2^(e - 128), where e below 2 is no normal float.
  const uint e = ((__global const uchar*)(w + scales_at))[group];
  *d_low = *d_high = as_float(e < 2 ? 0x00200000u << e : (e - 1) << 23);
#elif FORMAT == Q8_0 || FORMAT == Q4_0 || FORMAT == Q5_0 || FORMAT == IQ4_NL
  *d_low = *d_high = half_at(group, halves);
#elif FORMAT == Q4_1 || FORMAT == Q5_1
  *d_low = *d_high = half_at(2 * group, halves);
  *m = -half_at(2 * group + 1, halves);
#elif HAS_SUPER
  const uint super = group / 8, i = group % 8;
  __global const uint* s = w + scales_at + 4 * super;
  const uint scale = (s[1] >> 4 * i & 15u) | (s[3] >> 2 * i & 3u) << 4;
  const uint min = (s[2] >> 4 * i & 15u) | (s[3] >> (16 + 2 * i) & 3u) << 4;
  *d_low = *d_high = half_at(8 * super, halves) * (float)scale;
  *m = half_at(8 * super + 1, halves) * (float)min;
#else
  const float d = half_at(group / 8, halves);
  __global const char* fine = (__global const char*)(w + fine_at) + 2 * (size_t)group;
  *d_low = d * (float)fine[0];
  *d_high = d * (float)fine[1];
#endif
}

// d: [2 * SPAN] by half of each group, m: [SPAN] where there are minima. `group` is a multiple of
// SPAN.
static void span_scales(__global const uint* w, uint scales_at, uint fine_at, uint group, float* d,
                        float* m) {
#if HAS_SUPER
  __global const half* halves = (__global const half*)(w + scales_at);
  const uint4 s = vload4(group / 8, w + scales_at);
  const uint8 at4 = (uint8)(0, 4, 8, 12, 16, 20, 24, 28), at2 = at4 >> 1;
  const uint8 scale = ((uint8)(s.y) >> at4 & 15u) | ((uint8)(s.w) >> at2 & 3u) << 4;
  const uint8 min = ((uint8)(s.z) >> at4 & 15u) | ((uint8)(s.w >> 16) >> at2 & 3u) << 4;
  const float8 ds = convert_float8(scale) * half_at(group, halves);
  vstore16((float16)(ds.s00112233, ds.s44556677), 0, d);
  vstore8(convert_float8(min) * half_at(group + 1, halves), 0, m);
#elif FORMAT == Q6_K
  const float super = half_at(group / 8, (__global const half*)(w + scales_at));
  const char16 fine = as_char16(bytes16((__global const char*)(w + fine_at) + 2 * (size_t)group));
  vstore16(convert_float16(fine) * super, 0, d);
#else
  float minimum;
  scales(w, scales_at, fine_at, group, d, d + 1, &minimum);
  m[0] = minimum;
#endif
}

#ifdef HAS_MADD
#if FORMAT == Q6_K
// The codes times the fine scales of their halves, which leaves one scale for 8 groups.
static int16 scaled_codes(__global const uint* w, uint high_at, uint fine_at, uint group) {
  const char2 fine = ((__global const char2*)(w + fine_at))[group];
  const uint low = (uint)(fine.x & 0xffff) * 0x10001u, high = (uint)(fine.y & 0xffff) * 0x10001u;
  return mul_shorts(short_codes(w, high_at, group), as_int16((uint16)((uint8)(low), (uint8)(high))));
}
#endif

// The same of up to 8 groups from any: d by group, of all first halves and then of all second ones;
// zero behind `count`.
static void chunk_scales(__global const uint* w, uint scales_at, uint fine_at, uint group,
                         uint count, float8* d, float8* m) {
  *m = 0;
#if HAS_SUPER
  __global const half* halves = (__global const half*)(w + scales_at);
  const uint4 s = *(__global const uint4*)(w + scales_at + group / 8 * 4);
  const uint8 at4 = (uint8)(0, 4, 8, 12, 16, 20, 24, 28), at2 = at4 >> 1;
  const uint8 scale = ((uint8)(s.y) >> at4 & 15u) | ((uint8)(s.w) >> at2 & 3u) << 4;
  const uint8 min = ((uint8)(s.z) >> at4 & 15u) | ((uint8)(s.w >> 16) >> at2 & 3u) << 4;
  d[0] = convert_float8(as_int8(scale)) * half_at(group, halves);
  *m = convert_float8(as_int8(min)) * half_at(group + 1, halves);
#elif FORMAT == Q6_K
  const float super = half_at(group / 8, (__global const half*)(w + scales_at));
  const float16 fine = convert_float16(
      as_char16(bytes16((__global const char*)(w + fine_at) + 2 * (size_t)group)));
  d[0] = fine.even * super;
  d[1] = fine.odd * super;
#elif FORMAT == MXFP4
  for (uint i = 0; i < 8; ++i) {
    float low, high, none;
    scales(w, scales_at, fine_at, group + min(i, count - 1), &low, &high, &none);
    ((float*)d)[i] = low;
  }
#else
  __global const half* halves = (__global const half*)(w + scales_at);
  const int8 present = (int8)(0, 1, 2, 3, 4, 5, 6, 7) < (int8)((int)count);
#if HAS_MIN
  const float16 both = (float16)(halves8(halves + 2 * group), halves8(halves + 2 * group + 8));
  d[0] = select((float8)(0), both.even, present);
  *m = select((float8)(0), -both.odd, present);
#else
  d[0] = select((float8)(0), halves8(halves + group), present);
#endif
#endif
}
#endif

#endif  // IS_FLOAT
