// Chains of arithmetic in registers, for the compute roofs.
//
// Each work-item runs CHAINS chains, each a vector of LANES, `rounds` rounds long: side by side as
// many as registers hold. A chain feeds on itself, so that nothing can be taken out of the loop.
//: common
//: builtin

#define CONCAT_(a, b) a##b
#define CONCAT(a, b) CONCAT_(a, b)
#define VECTOR(type) CONCAT(type, LANES)

#if KIND == 0  // fp32
#define TYPE VECTOR(float)
#define SEED(i) ((TYPE)(1.0f + (float)(i) * 0.0625f + (float)get_global_id(0) * 1e-6f))
#define NEXT(x) MAD(x, factor, addend)
#define FACTOR ((TYPE)(0.5f + (float)rounds * 1e-9f))
#define ADDEND ((TYPE)(0.25f))
#elif KIND == 1  // fp16
#define TYPE VECTOR(half)
#define SEED(i) ((TYPE)((half)(1.0f + (float)(i) * 0.0625f)))
#define NEXT(x) fma(x, factor, addend)
#define FACTOR ((TYPE)((half)(0.5f + (float)rounds * 1e-9f)))
#define ADDEND ((TYPE)((half)0.25f))
#elif KIND == 2  // int8 dots of four, packed
#define TYPE VECTOR(uint)
#define SEED(i) ((TYPE)((uint)get_global_id(0) * 7u + (i)))
#define NEXT(x) (dot_each(x, factor) ^ addend)
#define FACTOR ((TYPE)(0x01020304u + rounds))
#define ADDEND ((TYPE)(1))
static TYPE dot_each(TYPE x, TYPE y) {
#if LANES == 4
  return (uint4)((uint)dot_acc_sat_4x8packed_ss_int(x.x, y.x, 1),
                 (uint)dot_acc_sat_4x8packed_ss_int(x.y, y.y, 1),
                 (uint)dot_acc_sat_4x8packed_ss_int(x.z, y.z, 1),
                 (uint)dot_acc_sat_4x8packed_ss_int(x.w, y.w, 1));
#else
#error "int8 dots are made four at a time"
#endif
}
#elif KIND == 3 && !defined(HAS_MADD)  // int8 pairs as two steps in fp32
#define TYPE float16
#define SEED(i) ((TYPE)(1.0f + (float)(i) * 0.0625f + (float)get_global_id(0) * 1e-6f))
#define NEXT(x) MAD(MAD(x, factor, addend), factor, addend)
#define FACTOR ((TYPE)(0.5f + (float)rounds * 1e-9f))
#define ADDEND ((TYPE)(0.25f))
#elif KIND == 3  // int8 as pairs of 16-bit integers
#define TYPE int16
#define SEED(i) ((TYPE)((int)get_global_id(0) * 7 + (i)))
// One instruction (vpdpwssd) where the processor has it, else two.
#define NEXT(x) ((x) + madd(x, factor))
#define FACTOR ((TYPE)(0x00070005 + (int)rounds))
#define ADDEND ((TYPE)(1))
#endif

// Processors without AVX-512 have 16 registers of 8 floats, or 32 of 4: half of 12 chains of 16.
#if defined(WIDE) && !defined(__AVX512F__)
#define PASSES 2
#else
#define PASSES 1
#endif
#define TOGETHER (CHAINS / PASSES)

__kernel GROUP void peak(__global uint* sink, uint rounds) {
  const TYPE factor = FACTOR, addend = ADDEND;
  (void)addend;
  TYPE sum = 0;
  for (uint pass = 0; pass < PASSES; ++pass) {
    TYPE chain[TOGETHER];
#pragma unroll
    for (uint i = 0; i < TOGETHER; ++i) chain[i] = SEED(pass * TOGETHER + i);
    for (uint round = 0; round < rounds; ++round) {
#pragma unroll
      for (uint i = 0; i < TOGETHER; ++i) chain[i] = NEXT(chain[i]);
    }
#pragma unroll
    for (uint i = 0; i < TOGETHER; ++i) sum += chain[i];
  }
  // All lanes count, or the compiler would leave some out.
  union {
    TYPE all;
    uint words[sizeof(TYPE) / 4];
  } bits;
  bits.all = sum;
  uint word = 0;
#pragma unroll
  for (uint i = 0; i < sizeof(TYPE) / 4; ++i) word ^= bits.words[i];
  if (word == 0x5eed1e55u) sink[0] = word;
}
