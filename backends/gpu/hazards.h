// Between which passes a barrier must stand: exactly where one touches what another wrote, or
// writes what another touched, since the last barrier.
#ifndef INFEROMETER_BACKENDS_GPU_HAZARDS_H_
#define INFEROMETER_BACKENDS_GPU_HAZARDS_H_

#include <cstdint>
#include <set>
#include <span>

#include "models/op.h"

namespace inferometer::gpu {

// Tensors by their id; a backend's own scratch buffers by numbers from kScratch on.
inline constexpr std::uint64_t kScratch = std::uint64_t{1} << 32;
struct Touch {
  std::uint64_t resource = 0;
  Access access = Access::kRead;
};

class Hazards {
 public:
  // Whether a barrier must stand before a pass that touches these; remembers them.
  bool Before(std::span<const Touch> touches);

 private:
  std::set<std::uint64_t> reads_, writes_;  // since the last barrier
};

}  // namespace inferometer::gpu

#endif  // INFEROMETER_BACKENDS_GPU_HAZARDS_H_
