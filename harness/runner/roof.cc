// Roofs near in time, and the time that a work takes at least under them.
#include "harness/runner/roof.h"

#include <algorithm>

#include "models/peaks.h"

namespace inferometer {
namespace {

// `pick` gives the value of the ceiling of that name, 0 for none.
template <typename Pick>
Roofs Gather(Pick&& pick) {
  Roofs roofs;
  roofs.read_bandwidth = pick("read_bandwidth");
  for (std::size_t i = 0; i < kNumberTypes; ++i) {
    const TypePeak peak = PeakOf(static_cast<NumberType>(i), pick);
    roofs.peak[i] = peak.value;
    roofs.metric[i] = peak.metric;
  }
  return roofs;
}

}  // namespace

Roofs RoofsAround(std::span<const Ceiling> ceilings, std::string_view device, double start_s,
                  double end_s) {
  return Gather([&](std::string_view name) {
    const Ceiling* before = nullptr;
    const Ceiling* after = nullptr;
    for (const Ceiling& ceiling : ceilings) {
      if (ceiling.metric != name || ceiling.device != device) continue;
      if (ceiling.at_s <= start_s && (!before || ceiling.at_s >= before->at_s)) before = &ceiling;
      if (ceiling.at_s >= end_s && (!after || ceiling.at_s < after->at_s)) after = &ceiling;
    }
    return std::max(before ? before->value : 0.0, after ? after->value : 0.0);
  });
}

Roofs BestRoofs(std::span<const Ceiling> ceilings, std::string_view device) {
  return Gather([&](std::string_view name) {
    double best = 0;
    for (const Ceiling& ceiling : ceilings) {
      if (ceiling.metric == name && ceiling.device == device) best = std::max(best, ceiling.value);
    }
    return best;
  });
}

std::optional<Bound> BoundOf(const Work& work, const Roofs& roofs) {
  if (work.empty()) return std::nullopt;
  if (work.bytes > 0 && roofs.read_bandwidth <= 0) return std::nullopt;
  const double memory_s = work.bytes > 0 ? work.bytes / roofs.read_bandwidth : 0;
  double compute_s = 0, longest_s = 0;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < kNumberTypes; ++i) {
    if (work.operations[i] == 0) continue;
    if (roofs.peak[i] <= 0) return std::nullopt;
    const double type_s = work.operations[i] / roofs.peak[i];
    compute_s += type_s;
    if (type_s > longest_s) longest_s = type_s, longest = i;
  }
  if (memory_s >= compute_s) return Bound{memory_s, "memory", "read_bandwidth"};
  return Bound{compute_s, "compute", std::string(roofs.metric[longest])};
}

}  // namespace inferometer
