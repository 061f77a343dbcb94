// Probe kernels: what memory delivers and what the arithmetic pipes can do.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_PROBES_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_PROBES_INL_H_

#include "backends/cpu/kernel_set.h"

namespace inferometer::cpu {

// Eight streams, each a contiguous eighth: one stream a thread reaches about four fifths of what
// eight do, since a hardware prefetcher follows each stream on its own.
template <class V>
std::uint64_t ReadKernel(const std::byte* data, std::int64_t bytes) {
  constexpr int kStreams = 8, kVector = 4 * V::kRows;
  const std::int64_t part = bytes / kStreams;
  const std::uint8_t* stream[kStreams];
  typename V::Bytes sums[kStreams];
  for (int s = 0; s < kStreams; ++s) {
    stream[s] = reinterpret_cast<const std::uint8_t*>(data) + s * part;
    sums[s] = V::LoadBytes(stream[s]);
  }
  for (std::int64_t i = 0; i < part; i += 2 * kVector) {
    for (int s = 0; s < kStreams; ++s) {
      sums[s] = V::Xor(sums[s], V::LoadBytes(stream[s] + i));
      sums[s] = V::Xor(sums[s], V::LoadBytes(stream[s] + i + kVector));
    }
  }
  std::uint64_t result = 0;
  for (int s = 0; s < kStreams; ++s) {
    std::uint64_t words[kVector / 8];
    V::StoreBytes(reinterpret_cast<std::uint8_t*>(words), sums[s]);
    for (const std::uint64_t word : words) result ^= word;
  }
  return result;
}

template <class V>
void CopyKernel(const std::byte* from, std::byte* to, std::int64_t bytes) {
  constexpr int kVector = 4 * V::kRows;
  const auto* in = reinterpret_cast<const std::uint8_t*>(from);
  auto* out = reinterpret_cast<std::uint8_t*>(to);
  for (std::int64_t i = 0; i < bytes; i += kVector) V::StoreBytes(out + i, V::LoadBytes(in + i));
}

template <class V>
void TriadKernel(float* a, const float* b, const float* c, float scale, std::int64_t n) {
  const auto s = V::Set(scale);
  for (std::int64_t i = 0; i < n; i += V::kRows) {
    V::StoreFloats(a + i, V::MulAdd(s, V::LoadFloats(c + i), V::LoadFloats(b + i)));
  }
}

// Chains enough to fill two pipes of five cycles latency; x -> x * m + a stays bounded, and the
// compiler cannot know that it does.
template <class V>
double Fp32ChainKernel(std::int64_t operations) {
  constexpr int kChains = 12;
  typename V::Floats x[kChains];
  for (int k = 0; k < kChains; ++k) x[k] = V::Set(1.0f + 0.01f * static_cast<float>(k));
  const auto m = V::Opaque(V::Set(0.999f)), a = V::Opaque(V::Set(0.001f));
  const std::int64_t rounds = operations / (2 * V::kRows * kChains);
  for (std::int64_t i = 0; i < rounds; ++i) {
    for (int k = 0; k < kChains; ++k) x[k] = V::MulAdd(x[k], m, a);
  }
  double sum = 0;
  for (int k = 0; k < kChains; ++k) sum += static_cast<double>(V::ReduceAdd(x[k]));
  return sum;
}

// Four-way int8 dots as the kernels of 4-bit weights use them: widened once for as many steps as
// the 16-bit sums of an instruction set without a wide dot can hold.
template <class V>
double Int8ChainKernel(std::int64_t operations) {
  // Every product of a step has factors of its own, and those of x are new at each step, so that
  // none can be shared; 12 sums hide five cycles of latency where there are 32 registers.
  constexpr int kWeights = 4, kInputs = V::kRows == 16 ? 3 : 2, kChains = kWeights * kInputs;
  constexpr int kRun = V::template Steps<4>();
  typename V::Ints sums[kChains];
  typename V::Bytes w[kWeights], x[kInputs];
  alignas(64) std::uint8_t codes[4 * V::kRows];
  for (int i = 0; i < 4 * V::kRows; ++i) codes[i] = static_cast<std::uint8_t>(i % 16);
  for (int k = 0; k < kWeights; ++k) {
    codes[k] = static_cast<std::uint8_t>(15 - k);
    w[k] = V::LoadBytes(codes);
  }
  const std::int8_t quads[3][4] = {{1, -2, 3, -1}, {-1, 2, 1, -3}, {2, -1, -2, 1}};
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
  double total = 0;
  for (int k = 0; k < kChains; ++k) total += static_cast<double>(V::ReduceAddInts(sums[k]));
  return total;
}

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_PROBES_INL_H_
