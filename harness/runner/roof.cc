// Roofs near in time, and the time that a work takes at least under them.
#include "harness/runner/roof.h"

#include <algorithm>
#include <utility>

namespace inferometer {
namespace {

constexpr std::array<std::string_view, kNumberTypes> kMatrixPeaks = {
    "", "fp16_matrix_peak", "bf16_matrix_peak", "int8_matrix_peak"};

// `pick` gives the value of the ceiling of that name, 0 for none.
template <typename Pick>
Roofs Gather(Pick&& pick) {
  Roofs roofs;
  roofs.read_bandwidth = pick("read_bandwidth");
  constexpr auto kFp32 = static_cast<std::size_t>(NumberType::kFp32);
  for (std::size_t i = 0; i < kNumberTypes; ++i) {
    const auto consider = [&roofs, i](double peak, std::string_view metric) {
      if (peak > roofs.peak[i]) roofs.peak[i] = peak, roofs.metric[i] = metric;
    };
    consider(pick(roofs.metric[i]), roofs.metric[i]);
    consider(pick(kMatrixPeaks[i]), kMatrixPeaks[i]);
    // Whoever multiplies in a type more slowly than in fp32 widens first.
    if (roofs.peak[i] > 0) consider(roofs.peak[kFp32], roofs.metric[kFp32]);
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
  std::array<double, kNumberTypes> operations = work.operations;
  constexpr auto kFp32 = static_cast<std::size_t>(NumberType::kFp32);
  constexpr auto kBf16 = static_cast<std::size_t>(NumberType::kBf16);
  if (roofs.peak[kBf16] <= 0) operations[kFp32] += std::exchange(operations[kBf16], 0);
  double compute_s = 0, longest_s = 0;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < kNumberTypes; ++i) {
    if (operations[i] == 0) continue;
    if (roofs.peak[i] <= 0) return std::nullopt;
    const double type_s = operations[i] / roofs.peak[i];
    compute_s += type_s;
    if (type_s > longest_s) longest_s = type_s, longest = i;
  }
  if (memory_s >= compute_s) return Bound{memory_s, "memory", "read_bandwidth"};
  return Bound{compute_s, "compute", std::string(roofs.metric[longest])};
}

}  // namespace inferometer
