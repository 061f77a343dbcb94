// Instructions of a processor that OpenCL C has no words for, where the compiler offers them.
//
// half_at: binary16 `i` of many as a float. PoCL's own vload_half takes some forty instructions.
// madd: sums of two products of 16-bit integers, in each of 16 places of 32 bits.
#if defined(HAS_BUILTIN) && defined(__F16C__)
static float half_at(size_t i, __global const half* halves) {
  const short8 bits = (short8)(((__global const short*)halves)[i], 0, 0, 0, 0, 0, 0, 0);
  return __builtin_ia32_vcvtph2ps(bits)[0];
}
#else
static float half_at(size_t i, __global const half* halves) { return vload_half(i, halves); }
#endif

#if defined(HAS_BUILTIN) && defined(__AVX512BW__)
#define HAS_MADD
typedef short short32_ __attribute__((ext_vector_type(32)));
static int16 madd(int16 a, int16 b) {
  return __builtin_astype(__builtin_ia32_pmaddwd512(__builtin_astype(a, short32_),
                                                    __builtin_astype(b, short32_)),
                          int16);
}
#elif defined(HAS_BUILTIN) && defined(__AVX2__)
#define HAS_MADD
static int16 madd(int16 a, int16 b) {
  return (int16)(as_int8(__builtin_ia32_pmaddwd256(as_short16(a.lo), as_short16(b.lo))),
                 as_int8(__builtin_ia32_pmaddwd256(as_short16(a.hi), as_short16(b.hi))));
}
#endif
