// What the host and the shaders must agree on, read by both: bindings, push constants, constants.
#ifndef INFEROMETER_BACKENDS_VULKAN_SHADERS_INTERFACE_H_
#define INFEROMETER_BACKENDS_VULKAN_SHADERS_INTERFACE_H_

#ifdef __cplusplus
#include <cstdint>
namespace inferometer::vulkan {
#define UINT std::uint32_t
#define FLOAT float
#define PUSH(name) struct name
#define END_PUSH \
  }              \
  ;
#else
#define UINT uint
#define FLOAT float
#define PUSH(name) layout(push_constant) uniform name
#define END_PUSH \
  }              \
  push;
#endif

// Every buffer of every shader is a storage buffer of set 0; the step stands at binding 0 always.
#define BIND_STEP 0

// matvec, lanes, gemm: rows of a part of a weight times columns. Up to MOST_MATRICES of one width
// that meet the same columns stand one behind the other; each lies somewhere in what is bound.
#define BIND_WEIGHT 1
#define BIND_WEIGHT2 2  // of the second matrix, whose result the silu of the first multiplies
#define BIND_IN 3
#define BIND_OUT 4
#define BIND_BIAS 5
#define BIND_NORM 6  // weights of an RmsNorm on the way
#define BIND_IDS 7   // of experts
#define MATMUL_BINDINGS 8
#define MOST_MATRICES 3

// lanes: the same, and behind them what it reads as texels.
#define LANES_WEIGHT 8  // of 16 bytes
#define LANES_WEIGHT_WORDS 9
#define LANES_WEIGHT2 10
#define LANES_WEIGHT2_WORDS 11
#define LANES_IN 12
#define LANES_NORM 13
#define LANES_TEXELS 6
#define LANES_TOGETHER 8  // rows whose blocks take turns, backends/gpu/planes.h

// gemm_matrix: weights of a row, and values of a column, that stand in shared memory at a time, and
// vectors of eight halves from one row to the next. One more than they fill: rows begin 80 bytes
// apart, so that eight rows side by side lie in different banks of 16 bytes.
#define MATRIX_DEPTH 32u
#define MATRIX_STRIDE 5u

#define FLAG_BIAS 1u
#define FLAG_ACCUMULATE 2u

#if defined(__cplusplus) || defined(MATMUL_SHADER)
struct MatrixPush {
  UINT rows;                         // of an expert, where there are experts
  UINT quants_at;                    // plane, in units of 16 bytes
  UINT high_at, scales_at, fine_at;  // planes, in words
  UINT out_at, bias_at;              // of its first row, in values
  UINT out_width;                    // values from one column of the result to the next
};
PUSH(MatMulPush) {
  MatrixPush matrices[MOST_MATRICES];
  UINT in_width;
  UINT count_word;  // of the step: how many columns there are
  UINT flags;
  UINT wrap;  // workgroups in x, after which z goes on
  FLOAT eps;
  UINT experts_used;  // columns of each token; the input is shared by them or not
  UINT first_expert, experts;
  END_PUSH
#endif

// quantize: columns of `width` values, a multiple of 32, to int8. Where packed dot products
// multiply a matrix, its columns at BIND_IN are such.
#define QUANTIZE_IN 1
#define QUANTIZE_NORM 2
#define QUANTIZE_OUT 3
#define QUANTIZE_BINDINGS 4
#define QUANTIZED_WORDS 12  // of 32 values
#if defined(__cplusplus) || defined(QUANTIZE_SHADER)
  PUSH(QuantizePush) {
    UINT width;
    FLOAT eps;
    END_PUSH
#endif

// embed: rows of a table looked up by token id.
#define EMBED_TABLE 1
#define EMBED_OUT 2
#define EMBED_BINDINGS 3
#if defined(__cplusplus) || defined(EMBED_SHADER)
    PUSH(EmbedPush) {
      UINT width;
      UINT first_row, rows;
      UINT high_at, scales_at, fine_at;
      UINT together;  // rows whose blocks take turns
      END_PUSH
#endif

// norm: groups of `width` values.
#define NORM_IN 1
#define NORM_WEIGHT 2
#define NORM_OUT 3
#define NORM_BINDINGS 4
#if defined(__cplusplus) || defined(NORM_SHADER)
      PUSH(NormPush) {
        UINT width, groups, count_word;
        FLOAT eps;
        END_PUSH
#endif

// elementwise: gated multiply, rows selected, experts summed.
#define EACH_A 1
#define EACH_B 2
#define EACH_OUT 3
#define EACH_BINDINGS 4
#if defined(__cplusplus) || defined(EACH_SHADER)
        PUSH(EachPush) {
          UINT width;  // values of a row of the result
          UINT used;   // experts
          UINT outputs_at;
          END_PUSH
#endif

// rope, with heads normed before and keys and values stored after, each where asked for.
#define ROPE_TABLE 1  // cosine and sine of each (token, pair)
#define ROPE_Q 2
#define ROPE_K 3
#define ROPE_V 4
#define ROPE_KEYS 5
#define ROPE_VALUES 6
#define ROPE_QNORM 7
#define ROPE_KNORM 8
#define ROPE_BINDINGS 9
#define FLAG_ROTATE 1u
#define FLAG_HALVES 2u
#define FLAG_QNORM 4u
#define FLAG_KNORM 8u
#if defined(__cplusplus) || defined(ROPE_SHADER)
          PUSH(RopePush) {
            UINT q_heads, kv_heads;  // kv_heads 0: nothing is stored
            UINT head_dim, pairs;
            UINT positions;  // of a sequence of the cache
            UINT scales_at;  // of the cache, in words
            UINT flags;
            FLOAT q_eps, k_eps;
            END_PUSH
#endif

// attention and the sum over its splits.
#define ATTEND_Q 1
#define ATTEND_KEYS 2
#define ATTEND_VALUES 3
#define ATTEND_OUT 4
#define ATTEND_PARTS 5
#define ATTEND_BINDINGS 6
// attention_lanes: words of keys and values, as texels.
#define LANES_KEYS 6
#define LANES_VALUES 7
#define LANES_CACHE_TEXELS 2
#define ATTEND_ROWS 8  // queries that a workgroup takes together
#define ATTEND_THREADS 128
#if defined(__cplusplus) || defined(ATTEND_SHADER)
            PUSH(AttendPush) {
              UINT heads, kv_heads, head_dim;
              UINT positions;
              UINT scales_at;
              UINT tiles_at;
              UINT row_blocks;  // of ATTEND_ROWS queries in a tile of the most tokens
              UINT may_split;
              FLOAT scale;
              END_PUSH
#endif

#define EXPERTS_SCORES 1
#define EXPERTS_IDS 2
#define EXPERTS_WEIGHTS 3
#define EXPERTS_BINDINGS 4
#define MOST_EXPERTS 1024
#if defined(__cplusplus) || defined(EXPERTS_SHADER)
              PUSH(ExpertsPush) {
                UINT experts, used;
                END_PUSH
#endif

// argmax: first each slice of a row, then the slices.
#define ARGMAX_IN 1
#define ARGMAX_PARTS 2
#define ARGMAX_OUT 3
#define ARGMAX_BINDINGS 4
#define ARGMAX_SLICES 32
#if defined(__cplusplus) || defined(ARGMAX_SHADER)
                PUSH(ArgMaxPush) {
                  UINT width, slices, last;
                  END_PUSH
#endif

// probes
#define PROBE_A 1
#define PROBE_B 2
#define PROBE_C 3
#define PROBE_SINK 4
#define PROBE_BINDINGS 5
#define PROBE_TEXELS 5          // probe_texels
#define PROBE_ROUNDS 16u        // of arithmetic, in a turn of the loop
#define PROBE_MATRIX_CHAINS 4u  // of probe_matrix, so that no product waits for the one before
#define PATTERN_READ 0u
#define PATTERN_COPY 1u
#define PATTERN_TRIAD 2u
#define PATTERN_FILL 3u
#if defined(__cplusplus) || defined(PROBE_SHADER)
                  PUSH(ProbePush) {
                    UINT vectors;  // of 16 bytes
                    UINT count;    // rounds, hops or additions
                    UINT first;    // vector of the whole, for fill
                    UINT salt;     // never known when shaders are compiled
                    END_PUSH
#endif

#ifdef __cplusplus
#undef UINT
#undef FLOAT
#undef PUSH
#undef END_PUSH
                  }  // namespace inferometer::vulkan
#endif

#endif  // INFEROMETER_BACKENDS_VULKAN_SHADERS_INTERFACE_H_
