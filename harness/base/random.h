// A small counter-based generator: the same numbers on every machine, from any starting point.
#ifndef INFEROMETER_HARNESS_BASE_RANDOM_H_
#define INFEROMETER_HARNESS_BASE_RANDOM_H_

#include <cstdint>

namespace inferometer {

// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
// OOPSLA 2014): maps each 64-bit value to another, bijectively and well mixed.
constexpr std::uint64_t Mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// A stream of random numbers; copies continue independently.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(Mix64(seed)) {}

  constexpr std::uint64_t Next() { return Mix64(state_++); }

  // Uniform in [0, bound), bound > 0; the bias of at most bound / 2^64 is of no consequence here.
  constexpr std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }

  // Uniform in [-1, 1), 24 bits.
  constexpr float Uniform() {
    return static_cast<float>(static_cast<std::int64_t>(Next() >> 40)) * (1.0f / 8388608.0f) - 1.0f;
  }

  // Approximately normal, mean 0, variance 1: the sum of three uniforms (variance 1/3 each). No
  // libm call, so the bits are the same everywhere.
  constexpr float Normal() { return Uniform() + Uniform() + Uniform(); }

 private:
  std::uint64_t state_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_RANDOM_H_
