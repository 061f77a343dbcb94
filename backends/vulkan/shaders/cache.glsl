// Rows of head_dim values of a KV cache: [sequence][position][kv head]. One of CACHE_... is defined.
//   f32, f16, bf16: as in the canonical layout
//   q8_0:           bytes of all rows, then from `scales_at` on a binary16 for each 32 of them
#if defined(CACHE_F32)
#define CACHE_VALUES 1u  // values in a word
#elif defined(CACHE_F16) || defined(CACHE_BF16)
#define CACHE_VALUES 2u
#else
#define CACHE_VALUES 4u
#endif
