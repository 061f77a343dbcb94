// RmsNorm, Rope and GatedMul: every value from a few others of its row.
#include <cmath>

#include "backends/reference/ops.h"

namespace inferometer::reference {

void Compute(const RmsNorm& op, const Scope& scope) {
  const float* weight = scope.tensors.Floats(op.weight).data();
  for (std::int64_t group = 0; group < scope.Count(op.rows) * op.groups; ++group) {
    const float* in = scope.Row(op.in, group, op.width);
    float* out = scope.Row(op.out, group, op.width);
    double squares = 0;
    for (std::int64_t i = 0; i < op.width; ++i) squares += static_cast<double>(in[i]) * in[i];
    const double mean = squares / static_cast<double>(op.width);
    const auto factor = static_cast<float>(1.0 / std::sqrt(mean + op.eps));
    for (std::int64_t i = 0; i < op.width; ++i) out[i] = in[i] * factor * weight[i];
  }
}

void Compute(const Rope& op, const Scope& scope) {
  const float* frequencies = scope.tensors.Floats(op.frequencies).data();
  const std::int64_t pairs = op.rope_dim / 2;
  const bool halves = op.style == RopeStyle::kHalves;
  for (std::int64_t t = 0; t < scope.Count(Rows::kTokens); ++t) {
    const double position = scope.tokens[static_cast<std::size_t>(t)].position;
    for (std::int64_t h = 0; h < op.heads; ++h) {
      float* head = scope.Row(op.io, t * op.heads + h, op.head_dim);
      for (std::int64_t i = 0; i < pairs; ++i) {
        const double angle = position * static_cast<double>(frequencies[i]);
        const double cosine = std::cos(angle), sine = std::sin(angle);
        float& a = head[halves ? i : 2 * i];
        float& b = head[halves ? i + pairs : 2 * i + 1];
        const double x = a, y = b;
        a = static_cast<float>(x * cosine - y * sine);
        b = static_cast<float>(x * sine + y * cosine);
      }
    }
  }
}

void Compute(const GatedMul& op, const Scope& scope) {
  const std::int64_t count = scope.Count(Rows::kTokens) * op.groups * op.width;
  const float* gate = scope.Row(op.gate, 0, 0);
  const float* up = scope.Row(op.up, 0, 0);
  float* out = scope.Row(op.out, 0, 0);
  for (std::int64_t i = 0; i < count; ++i) {
    const double x = gate[i];
    out[i] = static_cast<float>(x / (1.0 + std::exp(-x)) * up[i]);
  }
}

}  // namespace inferometer::reference
