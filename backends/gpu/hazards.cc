// What has been read and written since the last barrier.
#include "backends/gpu/hazards.h"

namespace inferometer::gpu {

bool Hazards::Before(std::span<const Touch> touches) {
  bool barrier = false;
  for (const Touch& touch : touches) {
    barrier |= writes_.contains(touch.resource);
    barrier |= touch.access != Access::kRead && reads_.contains(touch.resource);
  }
  if (barrier) reads_.clear(), writes_.clear();
  for (const Touch& touch : touches) {
    if (touch.access != Access::kWrite) reads_.insert(touch.resource);
    if (touch.access != Access::kRead) writes_.insert(touch.resource);
  }
  return barrier;
}

}  // namespace inferometer::gpu
