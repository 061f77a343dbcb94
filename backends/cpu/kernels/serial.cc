// Probes that no instruction set makes faster: a chain of loads, a chain of additions; and filling.
#include <cstdint>
#include <cstring>

#include "backends/cpu/kernel_set.h"

namespace inferometer::cpu {

std::uint64_t ChaseKernel(const std::byte* data, std::uint64_t at, std::int64_t hops) {
  for (std::int64_t i = 0; i < hops; ++i) std::memcpy(&at, data + at, sizeof at);
  return at;
}

std::uint64_t AddChainKernel(std::int64_t adds) {
  constexpr int kUnrolled = 16;
  // Out of the compiler's sight, so that it can neither fold additions nor use a constant: some
  // processors carry out additions of small constants while they rename registers (Intel since
  // Golden Cove), in no time at all.
  std::uint64_t sum = 1, step = 3;
  asm("" : "+r"(step));
  for (std::int64_t i = 0; i < adds; i += kUnrolled) {
    for (int k = 0; k < kUnrolled; ++k) {
      sum += step;
      asm("" : "+r"(sum));
    }
  }
  return sum;
}

void FillKernel(float* out, std::int64_t first, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    // The mixing step of MurmurHash3 (A. Appleby, public domain) on the place; 23 bits of it are
    // the fraction of a float whose exponent says [1, 2).
    std::uint32_t x = static_cast<std::uint32_t>(first + i) * 0x9e3779b9u + 1;
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    x = 0x3f800000u | ((x ^ (x >> 16)) >> 9);
    std::memcpy(out + i, &x, sizeof x);
  }
}

}  // namespace inferometer::cpu
