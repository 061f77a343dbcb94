// Probe kernels: what memory delivers and what the arithmetic pipes can do.
//
// Of V they need, beside what all kernels use: kPastCaches with StreamBytes, StreamFloats and
// DrainStores; Opaque, OpaqueBytes and OpaqueInts; kPeakChains, chains of float multiply-adds;
// kFusedDot, whether DotStep is one instruction with the sum as an operand, and kPeakDots, chains
// of it; else kPeakWeights x kPeakInputs different products and kPeakSteps between widenings.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_PROBES_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_PROBES_INL_H_

#include "backends/cpu/kernel_set.h"
#include "backends/cpu/kernels/chains-inl.h"

namespace inferometer::cpu {

// A hardware prefetcher follows each stream on its own, so that one stream a thread often reaches
// less than several do. Stream s takes the s-th contiguous part:
//
//   |0 1 2 ...      |0 1 2 ...      |0 1 2 ...      |0 1 2 ...      |   4 streams, vectors in order
//
// 16 loads a round, and 8 sums, so that neither their latency nor the loop can limit them.
template <class V, int kStreams>
std::uint64_t ReadKernel(const std::byte* data, std::int64_t bytes, std::int64_t passes) {
  constexpr int kVector = 4 * V::kRows, kUnrolled = 16 / kStreams, kSums = 8;
  const std::int64_t part = bytes / kStreams;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(data);
  typename V::Bytes sums[kSums];
  const std::uint8_t zeros[kVector] = {};
  for (int k = 0; k < kSums; ++k) sums[k] = V::LoadBytes(zeros);
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    asm volatile("" ::: "memory");  // every pass loads anew
    for (std::int64_t i = 0; i < part; i += kUnrolled * kVector) {
      for (int s = 0; s < kStreams; ++s) {
        for (int u = 0; u < kUnrolled; ++u) {
          auto& sum = sums[(s * kUnrolled + u) % kSums];
          sum = V::Xor(sum, V::LoadBytes(begin + s * part + i + u * kVector));
        }
      }
    }
  }
  std::uint64_t result = 0;
  for (int k = 0; k < kSums; ++k) {
    std::uint64_t words[kVector / 8];
    V::StoreBytes(reinterpret_cast<std::uint8_t*>(words), sums[k]);
    for (const std::uint64_t word : words) result ^= word;
  }
  return result;
}

// All streams are loaded before any is stored: their addresses agree in the low 12 bits, and a load
// behind such a store waits for it on many processors.
template <class V, int kStreams, bool kPast>
void CopyKernel(const std::byte* from, std::byte* to, std::int64_t bytes) {
  constexpr int kVector = 4 * V::kRows;
  const std::int64_t part = bytes / kStreams;
  const auto* in = reinterpret_cast<const std::uint8_t*>(from);
  auto* out = reinterpret_cast<std::uint8_t*>(to);
  for (std::int64_t i = 0; i < part; i += kVector) {
    typename V::Bytes v[kStreams];
    for (int s = 0; s < kStreams; ++s) v[s] = V::LoadBytes(in + s * part + i);
    for (int s = 0; s < kStreams; ++s) {
      if constexpr (kPast) {
        V::StreamBytes(out + s * part + i, v[s]);
      } else {
        V::StoreBytes(out + s * part + i, v[s]);
      }
    }
  }
  if constexpr (kPast) V::DrainStores();
}

template <class V, int kStreams, bool kPast>
void TriadKernel(float* a, const float* b, const float* c, std::int64_t bytes) {
  const std::int64_t part = bytes / kStreams / 4;
  const auto scale = V::Set(kTriadScale);
  for (std::int64_t i = 0; i < part; i += V::kRows) {
    typename V::Floats v[kStreams];
    for (int s = 0; s < kStreams; ++s) {
      const std::int64_t at = s * part + i;
      v[s] = V::MulAdd(scale, V::LoadFloats(c + at), V::LoadFloats(b + at));
    }
    for (int s = 0; s < kStreams; ++s) {
      if constexpr (kPast) {
        V::StreamFloats(a + s * part + i, v[s]);
      } else {
        V::StoreFloats(a + s * part + i, v[s]);
      }
    }
  }
  if constexpr (kPast) V::DrainStores();
}

// x -> x + m * a, which is lost in rounding: x stays as it started, near 1, and nothing is denormal
// or infinite, but only the processor knows. The chain goes through the addend, which is where
// Arm's FMLA has its destination. To keep p pipes of latency l busy takes p * l chains: two pipes
// of 4 or 5 cycles on x86 (uops.info, VFMADD231PS from Haswell to Zen 5), four 128-bit pipes of 4
// cycles on the widest Arm cores, where a V of two registers counts twice. Hence 12.
template <class V>
struct FloatsOf {
  using Value = typename V::Floats;
};
template <class V>
double Fp32ChainKernel(std::int64_t operations) {
  const auto m = V::Opaque(V::Set(0x1p-15f)), a = V::Opaque(V::Set(0x1p-16f));
  float start = 1;
  const auto total = RunChains<FloatsOf<V>, V::kPeakChains>(
      operations, 2 * V::kRows, [&start] { return V::Set(start += 0.01f); },
      [m, a](const typename V::Floats& x) { return V::MulAdd(m, a, x); },
      [](const typename V::Floats& x, const typename V::Floats& y) { return V::Add(x, y); });
  return static_cast<double>(V::ReduceAdd(total));
}

// The four-way dot where it is one instruction that also adds. Each sum starts as a value that the
// compiler knows nothing about (OpaqueInts is volatile: two of them are never taken for one), so
// that no two dots are the same to it. Latency 4 or 5
// at two a cycle (uops.info, VPDPBUSD), 3 or 4 at up to four 128-bit a cycle (SDOT, Arm's software
// optimization guides).
template <class V>
struct IntsOf {
  using Value = typename V::Ints;
};
template <class V>
double FusedDotChainKernel(std::int64_t operations) {
  const std::int8_t weights[4] = {7, 3, 11, 5}, inputs[4] = {1, -2, 3, -1};
  const auto w = V::OpaqueBytes(V::BroadcastQuad(weights));
  const auto x = V::OpaqueBytes(V::BroadcastQuad(inputs));
  const auto total = RunChains<IntsOf<V>, V::kPeakDots>(
      operations, 8 * V::kRows, [] { return V::OpaqueInts(V::ZeroInts()); },
      [w, x](const typename V::Ints& sum) { return V::DotStep(sum, w, x); },
      [](const typename V::Ints& a, const typename V::Ints& b) { return V::AddInts(a, b); });
  return static_cast<double>(V::ReduceAddInts(total));
}

// The dot where products are an instruction of their own. Equal products would be computed once
// and shared, so each product of a step has a pair of factors of its own, and those of x are new
// at every step. Codes up to 15 times at most 3 leave room for kPeakSteps sums of two in 16 bits.
template <class V>
double DotChainKernel(std::int64_t operations) {
  constexpr int kWeights = V::kPeakWeights, kInputs = V::kPeakInputs;
  constexpr int kChains = kWeights * kInputs, kRun = V::kPeakSteps;
  typename V::Ints sums[kChains];
  typename V::Bytes w[kWeights], x[kInputs];
  std::uint8_t codes[4 * V::kRows];
  for (int i = 0; i < 4 * V::kRows; ++i) codes[i] = static_cast<std::uint8_t>(i % 16);
  for (int k = 0; k < kWeights; ++k) {
    codes[k] = static_cast<std::uint8_t>(15 - k);
    w[k] = V::LoadBytes(codes);
  }
  const std::int8_t quads[2][4] = {{1, -2, 3, -1}, {-1, 2, 1, -3}};
  for (int k = 0; k < kInputs; ++k) x[k] = V::BroadcastQuad(quads[k]);
  for (int k = 0; k < kChains; ++k) sums[k] = V::ZeroInts();
  const std::int64_t rounds = operations / (std::int64_t{8} * V::kRows * kChains * kRun);
  for (std::int64_t i = 0; i < rounds; ++i) {
    typename V::Partial partial[kChains];
    for (int k = 0; k < kChains; ++k) partial[k] = V::Begin(sums[k]);
    for (int s = 0; s < kRun; ++s) {
      for (int k = 0; k < kInputs; ++k) x[k] = V::OpaqueBytes(x[k]);
      for (int k = 0; k < kChains; ++k) {
        partial[k] = V::DotStep(partial[k], w[k % kWeights], x[k / kWeights]);
      }
    }
    for (int k = 0; k < kChains; ++k) sums[k] = V::End(sums[k], partial[k]);
  }
  // Vectors first: a loop so small is unrolled, and only then do the sums leave memory.
  for (int k = 1; k < kChains; ++k) sums[0] = V::AddInts(sums[0], sums[k]);
  return static_cast<double>(V::ReduceAddInts(sums[0]));
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_PROBES_INL_H_
