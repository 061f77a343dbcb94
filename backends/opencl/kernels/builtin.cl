// Instructions of a processor that OpenCL C has no words for, where the compiler offers them.
//
// madd: sums of two products of 16-bit integers, in each of 16 places of 32 bits.
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
