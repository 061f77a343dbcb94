// Weights from their planes, as backends/gpu/planes.h draws them. One of FORMAT_... is defined.
//
// unpack() yields one unit of UNIT weights of a row as VECTORS vec4, so that
//   weight = scale * vector (+ offset, where HAS_OFFSET).
// The includer declares the words of the part as PLANE_WORDS and PLANE_VECTORS.
#if defined(FORMAT_F32)
#define UNIT 4
#elif defined(FORMAT_F16) || defined(FORMAT_BF16)
#define UNIT 8
#else
#define UNIT 32
#define BLOCKS 1
#endif
#define VECTORS (UNIT / 4)

#if defined(FORMAT_Q4_1) || defined(FORMAT_Q5_1) || defined(FORMAT_Q4_K) || defined(FORMAT_Q5_K)
#define HAS_OFFSET 1
#endif

struct Planes {
  uint high_at, scales_at, fine_at;
};

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

// `unit` counts units of the whole part: row * units in a row + unit in the row.
#define UNPACK(name, WORDS, VECS)                                                                  \
  void name(uint unit, Planes at, out vec4 v[VECTORS], out float scale, out float offset) {        \
    scale = 1.0;                                                                                   \
    offset = 0.0;                                                                                  \
    UNPACK_BODY(WORDS, VECS)                                                                       \
  }

#if defined(FORMAT_F32)
#define UNPACK_BODY(WORDS, VECS) v[0] = uintBitsToFloat(VECS[unit]);
#elif defined(FORMAT_F16)
#define UNPACK_BODY(WORDS, VECS)                                     \
  const uvec4 q = VECS[unit];                                        \
  v[0] = vec4(unpackHalf2x16(q.x), unpackHalf2x16(q.y));             \
  v[1] = vec4(unpackHalf2x16(q.z), unpackHalf2x16(q.w));
#elif defined(FORMAT_BF16)
#define UNPACK_BODY(WORDS, VECS)                                                                   \
  const uvec4 q = VECS[unit];                                                                      \
  v[0] = uintBitsToFloat(uvec4(q.x << 16, q.x & 0xffff0000u, q.y << 16, q.y & 0xffff0000u));       \
  v[1] = uintBitsToFloat(uvec4(q.z << 16, q.z & 0xffff0000u, q.w << 16, q.w & 0xffff0000u));
#elif defined(FORMAT_Q8_0)
#define UNPACK_BODY(WORDS, VECS)                        \
  const uvec4 a = VECS[2u * unit];                      \
  const uvec4 b = VECS[2u * unit + 1u];                 \
  v[0] = signed_bytes_of(a.x);                          \
  v[1] = signed_bytes_of(a.y);                          \
  v[2] = signed_bytes_of(a.z);                          \
  v[3] = signed_bytes_of(a.w);                          \
  v[4] = signed_bytes_of(b.x);                          \
  v[5] = signed_bytes_of(b.y);                          \
  v[6] = signed_bytes_of(b.z);                          \
  v[7] = signed_bytes_of(b.w);                          \
  scale = half_of(WORDS[at.scales_at + (unit >> 1)], unit);
#else

// The quants, whole: nibbles with their high bits.
#if defined(FORMAT_Q5_0) || defined(FORMAT_Q5_1) || defined(FORMAT_Q5_K)
#define HIGH_BITS(WORDS) const uint high = WORDS[at.high_at + unit];
#define LOW_OF(word, w) ((word) & 0x0f0f0f0fu | (high >> (w) & 0x01010101u) << 4)
#define TOP_OF(word, w) ((word) >> 4 & 0x0f0f0f0fu | (high >> ((w) + 4) & 0x01010101u) << 4)
#elif defined(FORMAT_Q6_K)
#define HIGH_BITS(WORDS)                                 \
  const uint high0 = WORDS[at.high_at + 2u * unit];      \
  const uint high1 = WORDS[at.high_at + 2u * unit + 1u];
#define LOW_OF(word, w) ((word) & 0x0f0f0f0fu | (high0 >> (2 * (w)) & 0x03030303u) << 4)
#define TOP_OF(word, w) ((word) >> 4 & 0x0f0f0f0fu | (high1 >> (2 * (w)) & 0x03030303u) << 4)
#else
#define HIGH_BITS(WORDS)
#define LOW_OF(word, w) ((word) & 0x0f0f0f0fu)
#define TOP_OF(word, w) ((word) >> 4 & 0x0f0f0f0fu)
#endif

#if defined(FORMAT_Q4_0)
#define CENTER 8.0
#elif defined(FORMAT_Q5_0)
#define CENTER 16.0
#elif defined(FORMAT_Q6_K)
#define CENTER 32.0
#else
#define CENTER 0.0
#endif

#if defined(FORMAT_Q4_0) || defined(FORMAT_Q5_0)
#define SCALES(WORDS, VECS) scale = half_of(WORDS[at.scales_at + (unit >> 1)], unit);
#elif defined(FORMAT_Q4_1) || defined(FORMAT_Q5_1)
#define SCALES(WORDS, VECS)                                              \
  const vec2 both = unpackHalf2x16(WORDS[at.scales_at + unit]);          \
  scale = both.x;                                                        \
  offset = both.y;
#elif defined(FORMAT_Q4_K) || defined(FORMAT_Q5_K)
#define SCALES(WORDS, VECS)                                                                        \
  const uvec4 head = VECS[(at.scales_at >> 2) + (unit >> 3)];                                      \
  const uint g = unit & 7u;                                                                        \
  const vec2 both = unpackHalf2x16(head.x);                                                        \
  scale = both.x * float((head.y >> (4u * g) & 15u) | (head.w >> (2u * g) & 3u) << 4);             \
  offset = -both.y * float((head.z >> (4u * g) & 15u) | (head.w >> (16u + 2u * g) & 3u) << 4);
#elif defined(FORMAT_Q6_K)
#define SCALES(WORDS, VECS)                                                                 \
  scale = half_of(WORDS[at.scales_at + (unit >> 4)], unit >> 3);                            \
  const int fine = int(WORDS[at.fine_at + (unit >> 1)] >> (16u * (unit & 1u)));             \
  const float fine0 = float(bitfieldExtract(fine, 0, 8));                                   \
  const float fine1 = float(bitfieldExtract(fine, 8, 8));                                   \
  [[unroll]] for (int i = 0; i < 4; ++i) {                                                  \
    v[i] *= fine0;                                                                          \
    v[i + 4] *= fine1;                                                                      \
  }
#else
#error "no format is defined"
#endif

#define UNPACK_BODY(WORDS, VECS)                               \
  const uvec4 q = VECS[unit];                                  \
  HIGH_BITS(WORDS)                                             \
  v[0] = bytes_of(LOW_OF(q.x, 0)) - CENTER;                    \
  v[1] = bytes_of(LOW_OF(q.y, 1)) - CENTER;                    \
  v[2] = bytes_of(LOW_OF(q.z, 2)) - CENTER;                    \
  v[3] = bytes_of(LOW_OF(q.w, 3)) - CENTER;                    \
  v[4] = bytes_of(TOP_OF(q.x, 0)) - CENTER;                    \
  v[5] = bytes_of(TOP_OF(q.y, 1)) - CENTER;                    \
  v[6] = bytes_of(TOP_OF(q.z, 2)) - CENTER;                    \
  v[7] = bytes_of(TOP_OF(q.w, 3)) - CENTER;                    \
  SCALES(WORDS, VECS)
#endif
