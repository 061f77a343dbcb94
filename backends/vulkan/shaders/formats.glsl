// Weights from their planes, as backends/gpu/planes.h draws them. One of FORMAT_... is defined.
//
// load_raw() yields one unit of UNIT weights of a row as it lies; vector_of(raw, i) four weights of it:
//   weight = raw.scale * vector (+ raw.offset, where HAS_OFFSET).
// Where CODE_BIAS is defined, codes_of(raw, i) yields the same four as signed bytes:
//   vector = fine * (code - CODE_BIAS), where fine is raw.fine[i / 4] of q6_k, else 1.
// i must be known when the shader is compiled, so that only what is needed is unpacked.
#if defined(FORMAT_F32)
#define UNIT 4
#elif defined(FORMAT_F16) || defined(FORMAT_BF16)
#define UNIT 8
#else
#define UNIT 32
#endif
#define VECTORS (UNIT / 4)
#if defined(FORMAT_Q4_K) || defined(FORMAT_Q5_K) || defined(FORMAT_Q6_K)
#define BLOCK_UNITS 8u
#else
#define BLOCK_UNITS 1u
#endif

#if defined(FORMAT_Q4_1) || defined(FORMAT_Q5_1) || defined(FORMAT_Q4_K) || defined(FORMAT_Q5_K)
#define HAS_OFFSET 1
#endif

#if defined(FORMAT_Q8_0) || defined(HAS_OFFSET)
#define CODE_BIAS 0.0
#elif defined(FORMAT_Q4_0)
#define CODE_BIAS 8.0
#elif defined(FORMAT_Q5_0)
#define CODE_BIAS 16.0
#elif defined(FORMAT_Q6_K)
#define CODE_BIAS 32.0
#endif

struct Planes {
  uint quants_at;  // in units of 16 bytes
  uint high_at, scales_at, fine_at;
};

struct Raw {
  uvec4 q;
#if defined(FORMAT_Q8_0)
  uvec4 q2;
#endif
#if defined(FORMAT_Q5_0) || defined(FORMAT_Q5_1) || defined(FORMAT_Q5_K)
  uint high;
#endif
#if defined(FORMAT_Q6_K)
  uint high[2];
  float fine[2];
#endif
  float scale, offset;
};

// Rows whose blocks take turns, `together` of them (backends/gpu/planes.h): unit u of a row stands at
// row_place + unit_place.
uint row_place(uint row, uint units, uint together) {
  return row / together * together * units + row % together * BLOCK_UNITS;
}
uint unit_place(uint u, uint together) {
  return BLOCK_UNITS == 1u ? u * together : u / BLOCK_UNITS * BLOCK_UNITS * together + u % BLOCK_UNITS;
}

vec4 bytes_of(uint word) {
  return vec4(float(word & 255u), float(word >> 8 & 255u), float(word >> 16 & 255u),
              float(word >> 24));
}
vec4 signed_bytes_of(uint word) {
  const int bits = int(word);
  return vec4(float(bitfieldExtract(bits, 0, 8)), float(bitfieldExtract(bits, 8, 8)),
              float(bitfieldExtract(bits, 16, 8)), float(bits >> 24));
}
float half_of(uint word, uint index) {
  const vec2 both = unpackHalf2x16(word);
  return (index & 1u) == 0u ? both.x : both.y;
}

#if defined(FORMAT_IQ4_NL) || defined(FORMAT_MXFP4)
// The values of the 16 codes, four to a word: a choice among words costs less than an array in memory.
const int kValues[16] = int[16](CODE_VALUES);
#define PACKED(i)                                                                   \
  (kValues[i] & 255 | (kValues[i + 1] & 255) << 8 | (kValues[i + 2] & 255) << 16 |  \
   (kValues[i + 3] & 255) << 24)
float value_of(uint code) {
  const int low = (code & 4u) != 0u ? PACKED(4) : PACKED(0);
  const int high = (code & 4u) != 0u ? PACKED(12) : PACKED(8);
  return float(bitfieldExtract((code & 8u) != 0u ? high : low, int(code & 3u) * 8, 8));
}
#endif

// `unit` counts units of the whole part: row * units in a row + unit in the row. WORDS(i) is a word
// of what is bound, VECS(i) four of them.
#define LOAD_RAW(name, WORDS, VECS)       \
  Raw name(uint unit, Planes at) {        \
    Raw raw;                              \
    raw.scale = 1.0;                      \
    raw.offset = 0.0;                     \
    LOAD_QUANTS(WORDS, VECS)              \
    LOAD_SCALES(WORDS, VECS)              \
    return raw;                           \
  }

#if defined(FORMAT_Q8_0)
#define LOAD_QUANTS(WORDS, VECS)     \
  raw.q = VECS(at.quants_at + 2u * unit);           \
  raw.q2 = VECS(at.quants_at + 2u * unit + 1u);
#elif defined(FORMAT_Q5_0) || defined(FORMAT_Q5_1) || defined(FORMAT_Q5_K)
#define LOAD_QUANTS(WORDS, VECS)     \
  raw.q = VECS(at.quants_at + unit);                \
  raw.high = WORDS(at.high_at + unit);
#elif defined(FORMAT_Q6_K)
#define LOAD_QUANTS(WORDS, VECS)                        \
  raw.q = VECS(at.quants_at + unit);                    \
  raw.high[0] = WORDS(at.high_at + 2u * unit);          \
  raw.high[1] = WORDS(at.high_at + 2u * unit + 1u);
#else
#define LOAD_QUANTS(WORDS, VECS) raw.q = VECS(at.quants_at + unit);
#endif

#if defined(FORMAT_Q8_0) || defined(FORMAT_Q4_0) || defined(FORMAT_Q5_0) || defined(FORMAT_IQ4_NL)
#define LOAD_SCALES(WORDS, VECS) raw.scale = half_of(WORDS(at.scales_at + (unit >> 1)), unit);
#elif defined(FORMAT_MXFP4)
// 2^(e - 128), where e below 2 is no normal float: in two steps that always are.
#define LOAD_SCALES(WORDS, VECS)                                                          \
  const uint e = WORDS(at.scales_at + (unit >> 2)) >> (8u * (unit & 3u)) & 255u;          \
  raw.scale = e < 2u ? uintBitsToFloat(0x00200000u << e)                                  \
                     : uintBitsToFloat((e - 1u) << 23);
#elif defined(FORMAT_Q4_1) || defined(FORMAT_Q5_1)
#define LOAD_SCALES(WORDS, VECS)                                         \
  const vec2 both = unpackHalf2x16(WORDS(at.scales_at + unit));          \
  raw.scale = both.x;                                                    \
  raw.offset = both.y;
#elif defined(FORMAT_Q4_K) || defined(FORMAT_Q5_K)
#define LOAD_SCALES(WORDS, VECS)                                                                   \
  const uvec4 head = VECS((at.scales_at >> 2) + (unit >> 3));                                      \
  const uint g = unit & 7u;                                                                        \
  const vec2 both = unpackHalf2x16(head.x);                                                        \
  raw.scale = both.x * float((head.y >> (4u * g) & 15u) | (head.w >> (2u * g) & 3u) << 4);         \
  raw.offset = -both.y * float((head.z >> (4u * g) & 15u) | (head.w >> (16u + 2u * g) & 3u) << 4);
#elif defined(FORMAT_Q6_K)
#define LOAD_SCALES(WORDS, VECS)                                                            \
  raw.scale = half_of(WORDS(at.scales_at + (unit >> 4)), unit >> 3);                        \
  const int fine = int(WORDS(at.fine_at + (unit >> 1)) >> (16u * (unit & 1u)));             \
  raw.fine[0] = float(bitfieldExtract(fine, 0, 8));                                         \
  raw.fine[1] = float(bitfieldExtract(fine, 8, 8));
#else
#define LOAD_SCALES(WORDS, VECS)
#endif

#if defined(FORMAT_F32)
vec4 vector_of(Raw raw, int i) { return uintBitsToFloat(raw.q); }
#elif defined(FORMAT_F16)
vec4 vector_of(Raw raw, int i) {
  return vec4(unpackHalf2x16(raw.q[2 * i]), unpackHalf2x16(raw.q[2 * i + 1]));
}
#elif defined(FORMAT_BF16)
vec4 vector_of(Raw raw, int i) {
  const uint a = raw.q[2 * i];
  const uint b = raw.q[2 * i + 1];
  return uintBitsToFloat(uvec4(a << 16, a & 0xffff0000u, b << 16, b & 0xffff0000u));
}
#elif defined(FORMAT_Q8_0)
uint codes_of(Raw raw, int i) { return i < 4 ? raw.q[i & 3] : raw.q2[i & 3]; }
vec4 vector_of(Raw raw, int i) { return signed_bytes_of(codes_of(raw, i)); }
#else
uint codes_of(Raw raw, int i) {
  uint codes = (i < 4 ? raw.q[i & 3] : raw.q[i & 3] >> 4) & 0x0f0f0f0fu;
#if defined(FORMAT_Q5_0) || defined(FORMAT_Q5_1) || defined(FORMAT_Q5_K)
  codes |= (raw.high >> i & 0x01010101u) << 4;
#elif defined(FORMAT_Q6_K)
  codes |= (raw.high[i >> 2] >> (2 * (i & 3)) & 0x03030303u) << 4;
#endif
  return codes;
}
vec4 vector_of(Raw raw, int i) {
  const uint codes = codes_of(raw, i);
#if defined(FORMAT_IQ4_NL) || defined(FORMAT_MXFP4)
  return vec4(value_of(codes & 255u), value_of(codes >> 8 & 255u), value_of(codes >> 16 & 255u),
              value_of(codes >> 24));
#elif defined(FORMAT_Q4_0)
  return bytes_of(codes) - CODE_BIAS;
#elif defined(FORMAT_Q5_0)
  return bytes_of(codes) - CODE_BIAS;
#elif defined(FORMAT_Q6_K)
  return (bytes_of(codes) - CODE_BIAS) * raw.fine[i >> 2];
#elif defined(HAS_OFFSET)
  return bytes_of(codes);
#else
#error "no format is defined"
#endif
}
#endif

// The weights themselves.
vec4 weights_of(Raw raw, int i) {
#ifdef HAS_OFFSET
  return raw.scale * vector_of(raw, i) + raw.offset;
#else
  return raw.scale * vector_of(raw, i);
#endif
}
