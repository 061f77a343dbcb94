// Chains of arithmetic in registers, for the compute roofs.
//
// Each work-item runs CHAINS chains side by side, each a vector of LANES, `rounds` rounds long. A
// chain feeds on itself, so that nothing can be taken out of the loop.
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
#define NEXT(x) (madd(x, factor) + addend)
#define FACTOR ((TYPE)(0x00070005 + (int)rounds))
#define ADDEND ((TYPE)(1))
#endif

__kernel GROUP void peak(__global uint* sink, uint rounds) {
  const TYPE factor = FACTOR, addend = ADDEND;
  TYPE chain[CHAINS];
#pragma unroll
  for (uint i = 0; i < CHAINS; ++i) chain[i] = SEED(i);
  for (uint round = 0; round < rounds; ++round) {
#pragma unroll
    for (uint i = 0; i < CHAINS; ++i) chain[i] = NEXT(chain[i]);
  }
  TYPE sum = chain[0];
#pragma unroll
  for (uint i = 1; i < CHAINS; ++i) sum += chain[i];
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
