// q4_k and q5_k: packing of the 6-bit scales, and the least-squares search for scale and minimum.
#include "models/quant/k_scales.h"

#include <algorithm>

#include "models/quant/codec.h"

namespace inferometer {
namespace {

constexpr int kGroup = 32;

struct Line {
  double scale = 0;
  double min = 0;  // weights are scale * code - min; min >= 0
};

// The line with the least squared error through 32 weights over given codes, min held at 0 where
// the free fit would make it negative.
Line FitLine(const float* weights, const std::array<int, kGroup>& codes) {
  double sum_w = 0, sum_q = 0, sum_qq = 0, sum_wq = 0;
  for (int i = 0; i < kGroup; ++i) {
    const double w = weights[i], q = codes[static_cast<std::size_t>(i)];
    sum_w += w, sum_q += q, sum_qq += q * q, sum_wq += w * q;
  }
  const double determinant = kGroup * sum_qq - sum_q * sum_q;
  if (determinant > 0) {
    const Line free{(kGroup * sum_wq - sum_w * sum_q) / determinant,
                    (sum_q * sum_wq - sum_qq * sum_w) / determinant};
    if (free.min >= 0) return free;
  }
  return {sum_qq > 0 ? sum_wq / sum_qq : 0, 0};
}

double ErrorOf(const float* weights, Line line, int max_code, std::array<int, kGroup>& codes) {
  const double inverse = InverseOf(line.scale);
  double error = 0;
  for (int i = 0; i < kGroup; ++i) {
    const int q = RoundTo((weights[i] + line.min) * inverse, 0, max_code);
    codes[static_cast<std::size_t>(i)] = q;
    const double difference = weights[i] - (line.scale * q - line.min);
    error += difference * difference;
  }
  return error;
}

// Tries ranges a little narrower and wider than the group's own, refits the line to the codes each
// gives, and keeps the best. Narrower ranges clip the extremes and serve the many in the middle.
Line SearchLine(const float* weights, int max_code) {
  const auto [low, high] = std::minmax_element(weights, weights + kGroup);
  const double smallest = std::min(0.0, static_cast<double>(*low));
  const double range = *high - smallest;
  if (!(range > 0)) return {0, -smallest};
  std::array<int, kGroup> codes;
  Line best{range / max_code, -smallest};
  double best_error = ErrorOf(weights, best, max_code, codes);
  for (int step = -10; step <= 10; ++step) {
    Line line{range / (max_code + 0.1 * step), -smallest};
    ErrorOf(weights, line, max_code, codes);
    for (int round = 0; round < 2; ++round) {  // refit, recode, refit
      line = FitLine(weights, codes);
      if (!(line.scale > 0)) break;
      const double error = ErrorOf(weights, line, max_code, codes);
      if (error < best_error) best = line, best_error = error;
    }
  }
  return best;
}

}  // namespace

GroupScale UnpackGroupScale(const std::uint8_t* scales, int g) {
  if (g < 4) return {scales[g] & 63, scales[g + 4] & 63};
  return {(scales[g + 4] & 15) | (scales[g - 4] >> 6) << 4, (scales[g + 4] >> 4) | (scales[g] >> 6)
                                                                                       << 4};
}

void PackGroupScale(GroupScale group, int g, std::uint8_t* scales) {
  auto add = [scales](int index, int bits) {
    scales[index] = static_cast<std::uint8_t>(scales[index] | bits);
  };
  if (g < 4) {
    add(g, group.scale);
    add(g + 4, group.min);
  } else {
    add(g + 4, (group.scale & 15) | (group.min & 15) << 4);
    add(g - 4, (group.scale >> 4) << 6);
    add(g, (group.min >> 4) << 6);
  }
}

KBlockFit FitKBlock(const float* weights, int max_code) {
  std::array<Line, 8> lines;
  double largest_scale = 0, largest_min = 0;
  for (std::size_t g = 0; g < 8; ++g) {
    lines[g] = SearchLine(weights + g * kGroup, max_code);
    largest_scale = std::max(largest_scale, lines[g].scale);
    largest_min = std::max(largest_min, lines[g].min);
  }
  KBlockFit fit;
  fit.d = ScaleToF16(largest_scale / 63);
  fit.dmin = ScaleToF16(largest_min / 63);
  const double d = F16ToF32(fit.d), dmin = F16ToF32(fit.dmin);
  for (std::size_t g = 0; g < 8; ++g) {
    // Rounding to 6 bits moves scale and minimum: try the neighbours of both.
    const float* group = weights + g * kGroup;
    const GroupScale centre{RoundTo(lines[g].scale * InverseOf(d), 0, 63),
                            RoundTo(lines[g].min * InverseOf(dmin), 0, 63)};
    std::array<int, kGroup> codes, best_codes{};
    double best_error = -1;
    // The centre comes first, so that a neighbour has to be better, not equal.
    for (const int scale_step : {0, -1, 1}) {
      for (const int min_step : {0, -1, 1}) {
        const GroupScale trial{std::clamp(centre.scale + scale_step, 0, 63),
                               std::clamp(centre.min + min_step, 0, 63)};
        const double error = ErrorOf(group, {d * trial.scale, dmin * trial.min}, max_code, codes);
        if (best_error < 0 || error < best_error) {
          best_error = error;
          best_codes = codes;
          fit.groups[g] = trial;
        }
      }
    }
    for (std::size_t i = 0; i < kGroup; ++i) {
      fit.codes[g * kGroup + i] = static_cast<std::uint8_t>(best_codes[i]);
    }
  }
  return fit;
}

}  // namespace inferometer
