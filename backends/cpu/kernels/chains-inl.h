// Independent chains of one operation, held in registers.
#ifndef INFEROMETER_BACKENDS_CPU_KERNELS_CHAINS_INL_H_
#define INFEROMETER_BACKENDS_CPU_KERNELS_CHAINS_INL_H_

#include <cstdint>

namespace inferometer::cpu {
namespace {

// kCount values of type S::Value. Nested rather than an array: g++ stores an array of vectors to
// memory at every round of a loop, even where nobody reads it there.
template <class S, int kCount>
struct Chains {
  typename S::Value value;
  Chains<S, kCount - 1> rest;

  // value = step(value) for all in turn.
  template <typename Step>
  __attribute__((always_inline)) inline void Each(Step step) {
    value = step(value);
    rest.Each(step);
  }
  template <typename Add>
  __attribute__((always_inline)) inline typename S::Value Total(Add add) const {
    if constexpr (kCount == 1) {
      return value;
    } else {
      return add(value, rest.Total(add));
    }
  }
};

template <class S>
struct Chains<S, 0> {
  template <typename Step>
  inline void Each(Step) {}
};

// Steps all chains until about `operations` are done, of which one step has `each`. Every chain
// starts with a start() of its own, which must be behind a volatile asm or differ from the others',
// so that no two chains are the same to the compiler. Returns their total.
template <class S, int kCount, typename Start, typename Step, typename Add>
__attribute__((always_inline)) inline typename S::Value RunChains(std::int64_t operations,
                                                                  std::int64_t each, Start start,
                                                                  Step step, Add add) {
  Chains<S, kCount> chains;
  chains.Each([&start](const typename S::Value&) { return start(); });
  const std::int64_t rounds = operations / (each * kCount);
  for (std::int64_t i = 0; i < rounds; ++i) chains.Each(step);
  return chains.Total(add);
}

}  // namespace
}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_KERNELS_CHAINS_INL_H_
