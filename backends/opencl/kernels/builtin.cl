// Loads of small numbers, and instructions of a processor that OpenCL C has no words for, where the
// compiler offers them.
//
// bytes16, shorts16: what stands at a multiple of 16 bytes, in one or two loads. PoCL makes eight
// loads of a vload16 of bytes.
// half_at: binary16 `i` of many as a float; halves16: 16 of them, at a multiple of 16 bytes. PoCL's
// own vload_half takes some forty instructions.
// madd: sums of two products of 16-bit integers, in each of 16 places of 32 bits. chars_to_shorts and
// uchars_to_shorts: 32 bytes made such integers. choose_bytes: of 16 signed bytes those that each
// byte of `at` names. halves8: 8 binary16 numbers anywhere.
#if defined(HAS_BUILTIN) && defined(__F16C__)
#if __has_builtin(__builtin_ia32_vcvtph2ps) && __has_builtin(__builtin_ia32_vcvtph2ps256)
#define HAS_F16C
#endif
#endif

static uchar16 bytes16(__global const void* at) { return as_uchar16(*(__global const uint4*)at); }
static ushort16 shorts16(__global const void* at) {
  __global const uint4* words = (__global const uint4*)at;
  return (ushort16)(as_ushort8(words[0]), as_ushort8(words[1]));
}

#if defined(HAS_F16C) && defined(__AVX512F__)
static float16 halves16(__global const half* at) {
  return __builtin_ia32_vcvtph2ps512_mask(as_short16(shorts16(at)), (float16)(0), -1, 4);
}
#elif defined(HAS_F16C)
static float16 halves16(__global const half* at) {
  const short16 bits = as_short16(shorts16(at));
  return (float16)(__builtin_ia32_vcvtph2ps256(bits.lo), __builtin_ia32_vcvtph2ps256(bits.hi));
}
#else
static float16 halves16(__global const half* at) { return vload_half16(0, at); }
#endif

#if defined(HAS_F16C)
static float half_at(size_t i, __global const half* halves) {
  const short8 bits = (short8)(((__global const short*)halves)[i], 0, 0, 0, 0, 0, 0, 0);
  return __builtin_ia32_vcvtph2ps(bits)[0];
}
#else
static float half_at(size_t i, __global const half* halves) { return vload_half(i, halves); }
#endif

#if defined(HAS_BUILTIN) && defined(__AVX2__)
#define HAS_MADD
typedef char char32_ __attribute__((ext_vector_type(32)));
typedef uchar uchar32_ __attribute__((ext_vector_type(32)));
typedef short short32_ __attribute__((ext_vector_type(32)));
typedef short8 short8_any_ __attribute__((aligned(2)));
#ifdef __AVX512BW__
static int16 madd(int16 a, int16 b) {
  return __builtin_astype(__builtin_ia32_pmaddwd512(__builtin_astype(a, short32_),
                                                    __builtin_astype(b, short32_)),
                          int16);
}
#else
static int16 madd(int16 a, int16 b) {
  return (int16)(as_int8(__builtin_ia32_pmaddwd256(as_short16(a.lo), as_short16(b.lo))),
                 as_int8(__builtin_ia32_pmaddwd256(as_short16(a.hi), as_short16(b.hi))));
}
#endif
static int16 chars_to_shorts(uint8 bytes) {
  return __builtin_astype(
      __builtin_convertvector(__builtin_astype(bytes, char32_), short32_), int16);
}
static int16 uchars_to_shorts(uint8 bytes) {
  return __builtin_astype(
      __builtin_convertvector(__builtin_astype(bytes, uchar32_), short32_), int16);
}
static int16 add_to_shorts(int16 shorts, short addend) {
  return __builtin_astype(__builtin_astype(shorts, short32_) + (short32_)(addend), int16);
}
static int16 shift_shorts(int16 shorts, short by) {
  return __builtin_astype(__builtin_astype(shorts, short32_) >> (short32_)(by), int16);
}
static int16 mul_shorts(int16 a, int16 b) {
  return __builtin_astype(__builtin_astype(a, short32_) * __builtin_astype(b, short32_), int16);
}
static uint8 choose_bytes(uint4 table, uint8 at) {
  return __builtin_astype(
      __builtin_ia32_pshufb256(__builtin_astype((uint8)(table, table), char32_),
                               __builtin_astype(at, char32_)),
      uint8);
}
static float8 halves8(__global const half* at) {
#ifdef HAS_F16C
  return __builtin_ia32_vcvtph2ps256(*(__global const short8_any_*)at);
#else
  return vload_half8(0, at);
#endif
}
#endif
