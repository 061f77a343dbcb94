// A matrix times many columns by cooperative matrices. A workgroup unpacks 32 weights of each of its rows
// and 32 values of each of its columns to halves in shared memory; its subgroups share them:
//
//              columns
//        +------------+------------+
//   rows | subgroup 0 | subgroup 1 |   each kRowFragments x kColumnFragments products of kM x kN,
//        +------------+------------+   summed in registers in fp32
//        | subgroup 2 | subgroup 3 |
//        +------------+------------+
//
// The result goes through shared memory, one product of each subgroup at a time, since only so the last
// rows and columns can be cut off.
#version 450
#extension GL_GOOGLE_include_directive : require
#define MATMUL_SHADER 1
#include "interface.h"
#include "common.glsl"
#include "matrix_units.glsl"

layout(constant_id = 3) const bool kAligned = true;
layout(constant_id = 4) const uint kMatrices = 1;
layout(constant_id = 6) const uint kRowFragments = 4;
layout(constant_id = 7) const uint kColumnFragments = 2;
layout(constant_id = 8) const uint kSubgroupRows = 2;
layout(constant_id = 9) const uint kSubgroupColumns = 2;

layout(set = 0, binding = BIND_WEIGHT) readonly buffer Weight { uint weight_words[]; };
layout(set = 0, binding = BIND_WEIGHT) readonly buffer WeightVectors { uvec4 weight_vectors[]; };
layout(set = 0, binding = BIND_IN) readonly buffer In { float in_values[]; };
layout(set = 0, binding = BIND_IN) readonly buffer InVectors { vec4 in_vectors[]; };
layout(set = 0, binding = BIND_OUT) buffer Out { float out_values[]; };
layout(set = 0, binding = BIND_BIAS) readonly buffer Bias { float bias[]; };

#define WEIGHT_WORD(i) weight_words[i]
#define WEIGHT_VECTOR(i) weight_vectors[i]
#include "formats.glsl"
LOAD_RAW(load_raw, WEIGHT_WORD, WEIGHT_VECTOR)
#include "matrices.glsl"
#include "tiles.glsl"

#define DEPTH MATRIX_DEPTH
#define PARTS (DEPTH / UNIT)  // of a row, each unpacked by one invocation

const uint kTileRows = kSubgroupRows * kRowFragments * kM;
const uint kTileColumns = kSubgroupColumns * kColumnFragments * kN;

// Eight halves to a vector. First the rows, then the columns; later a product of each subgroup.
shared uvec4 tiles[(kTileRows + kTileColumns) * MATRIX_STRIDE];

// Values that fp16 cannot hold become its largest: an infinity would make the whole sum one.
uvec4 halves_of(vec4 a, vec4 b) {
  const f16vec4 low = f16vec4(clamp(a, -65504.0, 65504.0));
  const f16vec4 high = f16vec4(clamp(b, -65504.0, 65504.0));
  return uvec4(packFloat2x16(low.xy), packFloat2x16(low.zw), packFloat2x16(high.xy),
               packFloat2x16(high.zw));
}

void fill_rows(uint first_row, uint rows, uint k0, uint units, Planes at) {
  for (uint n = THREAD; n < kTileRows * PARTS; n += THREADS) {
    const uint r = n / PARTS;
    const uint part = n % PARTS;
    const uint u = k0 / UNIT + part;
    const Raw raw = load_raw(min(first_row + r, rows - 1u) * units + min(u, units - 1u), at);
    const uint to = r * MATRIX_STRIDE + part * (UNIT / 8u);
    [[unroll]] for (int i = 0; i < VECTORS / 2; ++i) {
#ifdef FORMAT_F16
      const uvec4 eight = raw.q;
#else
      const uvec4 eight = halves_of(weights_of(raw, 2 * i), weights_of(raw, 2 * i + 1));
#endif
      tiles[to + i] = u < units ? eight : uvec4(0u);
    }
  }
}

void fill_columns(uint first_column, uint columns, uint k0) {
  for (uint n = THREAD; n < kTileColumns * (DEPTH / 8u); n += THREADS) {
    const uint c = n / (DEPTH / 8u);
    const uint i = n % (DEPTH / 8u);
    const uint column = min(first_column + c, columns - 1u);
    const uint k = k0 + 8u * i;
    tiles[(kTileRows + c) * MATRIX_STRIDE + i] =
        halves_of(load_column(column, k), load_column(column, k + 4u));
  }
}

void main() {
  uint block = gl_WorkGroupID.x + gl_WorkGroupID.z * push.wrap;
  const MatrixPush matrix = matrix_of(block, kTileRows);
  const uint first_row = block * kTileRows;
  const uint first_column = gl_WorkGroupID.y * kTileColumns;
  const uint columns = step_words[push.count_word];
  if (first_row >= matrix.rows || first_column >= columns) return;
  const uint units = (push.in_width + UNIT - 1u) / UNIT;
  const Planes at = planes_of(matrix);
  // Where this subgroup's part of the tiles begins.
  const uint its_row = gl_SubgroupID / kSubgroupColumns * kRowFragments * kM;
  const uint its_column = gl_SubgroupID % kSubgroupColumns * kColumnFragments * kN;

  MATRIX_C acc[kRowFragments * kColumnFragments];
  [[unroll]] for (uint i = 0u; i < kRowFragments * kColumnFragments; ++i) acc[i] = MATRIX_C(0.0);

  for (uint k0 = 0u; k0 < push.in_width; k0 += DEPTH) {
    fill_rows(first_row, matrix.rows, k0, units, at);
    fill_columns(first_column, columns, k0);
    barrier();
    [[unroll]] for (uint k = 0u; k < DEPTH; k += kK) {
      MATRIX_A a[kRowFragments];
      [[unroll]] for (uint r = 0u; r < kRowFragments; ++r) {
        coopMatLoad(a[r], tiles, (its_row + r * kM) * MATRIX_STRIDE + k / 8u, MATRIX_STRIDE,
                    gl_CooperativeMatrixLayoutRowMajor);
      }
      [[unroll]] for (uint c = 0u; c < kColumnFragments; ++c) {
        MATRIX_B b;
        coopMatLoad(b, tiles, (kTileRows + its_column + c * kN) * MATRIX_STRIDE + k / 8u,
                    MATRIX_STRIDE, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint r = 0u; r < kRowFragments; ++r) {
          const uint i = r * kColumnFragments + c;
          acc[i] = coopMatMulAdd(a[r], b, acc[i]);
        }
      }
    }
    barrier();
  }

  const uint room = gl_SubgroupID * (kM * kN / 4u);
  [[unroll]] for (uint i = 0u; i < kRowFragments * kColumnFragments; ++i) {
    coopMatStore(acc[i], tiles, room, kM / 4u, gl_CooperativeMatrixLayoutColumnMajor);
    subgroupBarrier();
    const uint row = first_row + its_row + i / kColumnFragments * kM;
    const uint column = first_column + its_column + i % kColumnFragments * kN;
    for (uint n = gl_SubgroupInvocationID; n < kM * kN; n += gl_SubgroupSize) {
      const uint r = row + n % kM;
      const uint c = column + n / kM;
      const float value = uintBitsToFloat(tiles[room + n / 4u][n % 4u]);
      if (r < matrix.rows && c < columns) store_value(matrix, r, c, value);
    }
    subgroupBarrier();
  }
}
