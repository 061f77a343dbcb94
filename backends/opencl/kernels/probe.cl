// Synthetic loads that roofs are measured with.
//: common
//: builtin

// A work-item reads, writes or both `vectors` vectors of 16 words that lie together (WIDE), or every
// ITEMS-th of its group's.
#ifdef WIDE
#define WORD16 uint16
#define LOAD(i, p) vload16(i, p)
#define STORE(v, i, p) vstore16(v, i, p)
#define WORDS 16
#else
#define WORD16 uint4
#define LOAD(i, p) vload4(i, p)
#define STORE(v, i, p) vstore4(v, i, p)
#define WORDS 4
#endif

// `pieces` of 4096 bytes, shared out over the groups.
#define FOR_MY_VECTORS(i)                                                             \
  const uint per_piece = 4096 / (4 * WORDS);                                          \
  const size_t my_begin = (size_t)pieces * get_group_id(0) / get_num_groups(0);       \
  const size_t my_end = (size_t)pieces * (get_group_id(0) + 1) / get_num_groups(0);   \
  for (size_t i = my_begin * per_piece + get_local_id(0); i < my_end * per_piece; i += ITEMS)

__kernel GROUP void memory_read(__global const uint* a, __global uint* sink, uint pieces,
                                uint passes) {
  WORD16 sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
  for (uint pass = 0; pass < passes; ++pass) {
    const uint per_piece = 4096 / (4 * WORDS);
    const size_t begin = (size_t)pieces * get_group_id(0) / get_num_groups(0) * per_piece;
    const size_t end = (size_t)pieces * (get_group_id(0) + 1) / get_num_groups(0) * per_piece;
    for (size_t i = begin + get_local_id(0); i < end; i += 4 * ITEMS) {
      sum0 ^= LOAD(i, a);
      sum1 ^= LOAD(i + ITEMS, a);
      sum2 ^= LOAD(i + 2 * ITEMS, a);
      sum3 ^= LOAD(i + 3 * ITEMS, a);
    }
  }
  sum0 ^= sum1 ^ sum2 ^ sum3;
#ifdef WIDE
  const uint8 eight = sum0.lo ^ sum0.hi;
  const uint4 four = eight.lo ^ eight.hi;
#else
  const uint4 four = sum0;
#endif
  const uint all = four.x ^ four.y ^ four.z ^ four.w;
  if (all == 0x5eed1e55u) sink[0] = all;  // so that nothing is left out
}

__kernel GROUP void memory_copy(__global const uint* a, __global uint* b, uint pieces,
                                uint passes) {
  for (uint pass = 0; pass < passes; ++pass) {
    FOR_MY_VECTORS(i) STORE(LOAD(i, a), i, b);
  }
}

__kernel GROUP void memory_triad(__global float* a, __global const float* b,
                                 __global const float* c, uint pieces, uint passes) {
  for (uint pass = 0; pass < passes; ++pass) {
    FOR_MY_VECTORS(i) STORE(MAD(LOAD(i, c), 3.0f, LOAD(i, b)), i, a);
  }
}

// Floats in [1, 2) by a hash of their place (the finalizer of MurmurHash3).
__kernel GROUP void memory_fill(__global uint* a, uint pieces) {
  const size_t begin = (size_t)pieces * get_group_id(0) / get_num_groups(0) * 1024;
  const size_t end = (size_t)pieces * (get_group_id(0) + 1) / get_num_groups(0) * 1024;
  for (size_t i = begin + get_local_id(0); i < end; i += ITEMS) {
    uint x = (uint)i;
    x = (x ^ x >> 16) * 0x85ebca6bu;
    x = (x ^ x >> 13) * 0xc2b2ae35u;
    a[i] = 0x3f800000u | (x ^ x >> 16) >> 9;
  }
}

// sink: {offset where the last run ended}
__kernel GROUP void chase(__global const ulong* a, __global uint* sink, uint hops) {
  if (get_global_id(0) != 0) return;
  ulong at = (ulong)sink[0] | (ulong)sink[1] << 32;
  for (uint i = 0; i < hops; ++i) at = a[at / 8];
  sink[0] = (uint)at;
  sink[1] = (uint)(at >> 32);
}

__kernel GROUP void nothing(__global uint* sink) {
  if (get_global_id(0) == 0xffffffffu) sink[0] = 0;
}

#ifdef HAS_SUBGROUP
__kernel GROUP void subgroup_sums(__global uint* sink, uint sums) {
  uint value = get_local_id(0);
  for (uint i = 0; i < sums; ++i) value = sub_group_reduce_add(value) ^ get_local_id(0);
  if (value == 0x5eed1e55u) sink[0] = value;
}
#endif
