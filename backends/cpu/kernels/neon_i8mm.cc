// NEON with matrix multiplication of int8 (Armv8.6, or Armv8.2 with it): 8 rows a group.
#include "backends/cpu/kernels/neon_dotprod-inl.h"

namespace inferometer::cpu {

double NeonInt8MatrixChain(std::int64_t operations);

namespace {

// SMMLA multiplies two rows of eight with two columns of eight, twice the products of SDOT. Two
// steps of four columns, zipped, are such rows:
//
//   step s:        | r0 c0..3 | r1 c0..3 | r2 c0..3 | r3 c0..3 |
//   step s + 1:    | r0 c4..7 | r1 c4..7 | r2 c4..7 | r3 c4..7 |
//   zip1:          | r0 c0..3   r0 c4..7 | r1 c0..3   r1 c4..7 |
//
// and the sums of rows r0, r1 with activations a, b are | r0·a | r0·b | r1·a | r1·b |.
struct NeonI8mm : NeonDotprod {
  struct Octs {
    int8x16_t rows[4];  // of rows 2i and 2i + 1
  };
  struct PairInts {
    int32x4_t rows[4];
  };
  static inline PairInts ZeroPairs() {
    const int32x4_t zero = vdupq_n_s32(0);
    return {{zero, zero, zero, zero}};
  }
  static inline Octs Zip(Bytes low, Bytes high) {
    Octs octs;
    for (int i = 0; i < 2; ++i) {
      const int32x4_t a = vreinterpretq_s32_u8(low.val[i]), b = vreinterpretq_s32_u8(high.val[i]);
      octs.rows[2 * i] = vreinterpretq_s8_s32(vzip1q_s32(a, b));
      octs.rows[2 * i + 1] = vreinterpretq_s8_s32(vzip2q_s32(a, b));
    }
    return octs;
  }
  static inline PairInts DotPairs(PairInts sum, Octs w, const std::int8_t* a,
                                  const std::int8_t* b) {
    const int8x16_t x = vcombine_s8(vld1_s8(a), vld1_s8(b));
    for (int i = 0; i < 4; ++i) sum.rows[i] = vmmlaq_s32(sum.rows[i], w.rows[i], x);
    return sum;
  }
  static inline void Split(PairInts sum, Ints& a, Ints& b) {
    for (int i = 0; i < 2; ++i) {
      a.val[i] = vuzp1q_s32(sum.rows[2 * i], sum.rows[2 * i + 1]);
      b.val[i] = vuzp2q_s32(sum.rows[2 * i], sum.rows[2 * i + 1]);
    }
  }
};

// Its int8 peak is that of SMMLA.
constexpr KernelSet MakeNeonI8mm() {
  KernelSet set = MakeKernelSet<NeonI8mm>("neon_i8mm", "smmla");
  set.int8_chain = NeonInt8MatrixChain;
  return set;
}

}  // namespace

extern const KernelSet kNeonI8mmKernels;
const KernelSet kNeonI8mmKernels = MakeNeonI8mm();

}  // namespace inferometer::cpu
