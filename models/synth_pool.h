// Pools of encoded random weights, from which synthetic tensors are put together. Private to
// models/synth*.
#ifndef INFEROMETER_MODELS_SYNTH_POOL_H_
#define INFEROMETER_MODELS_SYNTH_POOL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <thread>
#include <vector>

#include "models/quant/formats.h"

namespace inferometer {

// Calls f(begin, end) for parts of [0, count) on up to `threads` threads; returns when all are
// done.
template <typename F>
void InParts(std::int64_t count, int threads, const F& f) {
  const std::int64_t parts = std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(count, 1));
  std::vector<std::thread> workers;
  for (std::int64_t part = 1; part < parts; ++part) {
    workers.emplace_back(
        [&f, part, parts, count] { f(count * part / parts, count * (part + 1) / parts); });
  }
  f(0, count / parts);
  for (std::thread& worker : workers) worker.join();
}

// Weights per entry of a pool for rows of `row_width`: 256 or 32, so that an entry is whole blocks
// of every format that such rows may have, whichever it is; 1 for odd widths, which only floats
// have.
constexpr std::int64_t UnitOf(std::int64_t row_width) {
  return row_width % 256 == 0 ? 256 : row_width % 32 == 0 ? 32 : 1;
}

// The numbers of a pool's entry: normal, variance 1, times sigma. The same for every format.
// Entries come in pairs: entry 2k + 1 is entry 2k negated.
void PoolNumbers(std::uint64_t seed, std::int64_t entry, float sigma, std::span<float> numbers);

// `entries` units of `unit` weights, encoded once.
class Pool {
 public:
  Pool(QuantId format, std::int64_t unit, std::int64_t entries, float sigma, std::uint64_t seed,
       int threads);

  std::size_t entry_bytes() const { return entry_bytes_; }
  void Copy(std::int64_t entry, std::byte* to) const {
    std::memcpy(to, bytes_.data() + static_cast<std::size_t>(entry) * entry_bytes_, entry_bytes_);
  }

 private:
  std::size_t entry_bytes_;
  std::vector<std::byte> bytes_;
};

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_SYNTH_POOL_H_
