// Random numbers, and their encoding once per pool.
#include "models/synth_pool.h"

#include "harness/base/random.h"

namespace inferometer {

void PoolNumbers(std::uint64_t seed, std::int64_t entry, float sigma, std::span<float> numbers) {
  Random random(Mix64(seed) + static_cast<std::uint64_t>(entry / 2));
  const float scale = entry % 2 ? -sigma : sigma;
  for (float& number : numbers) number = random.Normal() * scale;
}

Pool::Pool(QuantId format, std::int64_t unit, std::int64_t entries, float sigma, std::uint64_t seed,
           int threads)
    : entry_bytes_(RowBytes(format, static_cast<std::size_t>(unit))),
      bytes_(entry_bytes_ * static_cast<std::size_t>(entries)) {
  InParts(entries, threads, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> numbers(static_cast<std::size_t>(unit));
    for (std::int64_t entry = begin; entry < end; ++entry) {
      PoolNumbers(seed, entry, sigma, numbers);
      FormatOf(format).encode(numbers,
                              bytes_.data() + static_cast<std::size_t>(entry) * entry_bytes_);
    }
  });
}

}  // namespace inferometer
