// Assembles the table of one instruction set from a vector layer V.
//
// V provides, for R = kRows lanes of 32 bits: Bytes (4R), Ints (R), Floats (R), Partial; kColumns,
// kTileGroups and kStreams, the matmul's tile that fits its registers, and kFloatColumns and
// kFloatGroups, that of weights that are no codes; kQueryTile and kSums, the
// query rows and the sums of attention that do; and small inline functions on them.
// For the probes: kPastCaches, whether it has stores past the caches, and the constants that
// probes-inl.h names.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_KERNEL_SET_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_KERNEL_SET_INL_H_

#include "backends/cpu/kernels/attention-inl.h"
#include "backends/cpu/kernels/attention_f16-inl.h"
#include "backends/cpu/kernels/attention_q8_0-inl.h"
#include "backends/cpu/kernels/elementwise-inl.h"
#include "backends/cpu/kernels/matmul-inl.h"
#include "backends/cpu/kernels/probes-inl.h"

namespace inferometer::cpu {

// The memory probes that go through so many parts side by side.
template <class V, int kStreams>
constexpr void AddStreams(KernelSet& set) {
  constexpr int kIndex = StreamIndex(kStreams);
  set.read[kIndex] = ReadKernel<V, kStreams>;
  set.copy[0][kIndex] = CopyKernel<V, kStreams, false>;
  set.triad[0][kIndex] = TriadKernel<V, kStreams, false>;
  if constexpr (V::kPastCaches) {
    set.copy[1][kIndex] = CopyKernel<V, kStreams, true>;
    set.triad[1][kIndex] = TriadKernel<V, kStreams, true>;
  }
}

template <class V, class... Codes>
constexpr void AddQuantized(KernelSet& set, CodesList<Codes...>) {
  ((set.matmul[static_cast<int>(Codes::kId)] = MatMulKernel<V, QuantTile, Codes>), ...);
}

template <class V>
constexpr KernelSet MakeKernelSet(const char* name, const char* int8_form) {
  KernelSet set{};
  set.name = name;
  set.rows = V::kRows;
  set.offset_q8 = V::kOffsetQ8;
  set.query_tile = V::kQueryTile;
  set.int8_form = int8_form;
  set.matmul[static_cast<int>(QuantId::kF32)] = MatMulKernel<V, FloatTile, ElementF32>;
  set.matmul[static_cast<int>(QuantId::kF16)] = MatMulKernel<V, FloatTile, ElementF16>;
  set.matmul[static_cast<int>(QuantId::kBF16)] = MatMulKernel<V, FloatTile, ElementBF16>;
  AddQuantized<V>(set, AllCodes());
  set.quantize = QuantizeKernel<V>;
  set.scale_by = ScaleByKernel<V>;
  set.sum_of_squares = SumOfSquaresKernel<V>;
  set.gated_mul = GatedMulKernel<V>;
  set.attention_f16 = AttentionKernel<V, CacheF16>;
  set.attention_q8_0 = AttentionKernel<V, CacheQ8_0>;
  set.to_half = ToHalfKernel<V>;
  set.to_q8_0 = ToBlocksKernel<V>;
  AddStreams<V, 1>(set);
  AddStreams<V, 2>(set);
  AddStreams<V, 4>(set);
  AddStreams<V, 8>(set);
  set.fp32_chain = Fp32ChainKernel<V>;
  if constexpr (V::kFusedDot) {
    set.int8_chain = FusedDotChainKernel<V>;
  } else {
    set.int8_chain = DotChainKernel<V>;
  }
  return set;
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_KERNEL_SET_INL_H_
