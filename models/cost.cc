// The price of each op: bytes that must move, operations that must be done.
#include "models/cost.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>

namespace inferometer {
namespace {

double BytesOfRow(QuantId format, std::int64_t values) {
  return static_cast<double>(RowBytes(format, static_cast<std::size_t>(values)));
}

struct Coster {
  double tokens = 0, outputs = 0;
  double attended = 0;  // sum over tokens of the positions that each attends to
  double cached = 0;    // positions read from cache when each sequence's tokens share one pass

  explicit Coster(const Step& step) {
    std::map<std::int32_t, std::int32_t> deepest;
    for (const TokenAt& token : step.tokens) {
      tokens += 1;
      outputs += token.output ? 1 : 0;
      attended += token.position + 1.0;
      auto [it, first] = deepest.try_emplace(token.sequence, token.position);
      if (!first) it->second = std::max(it->second, token.position);
    }
    for (const auto& [sequence, position] : deepest) cached += position + 1.0;
  }

  double RowsOf(Rows rows) const { return rows == Rows::kTokens ? tokens : outputs; }

  Cost operator()(const Embed& o) const { return {tokens * BytesOfRow(o.format, o.width), 0}; }
  Cost operator()(const RmsNorm& o) const { return {4.0 * static_cast<double>(o.width), 0}; }
  Cost operator()(const MatMul& o) const {
    const double rows = RowsOf(o.rows);
    if (rows == 0) return {};
    const double out = static_cast<double>(o.out_width);
    return {out * BytesOfRow(o.format, o.in_width) + (o.bias != kNoTensor ? 4.0 * out : 0.0),
            2.0 * rows * out * static_cast<double>(o.in_width)};
  }
  Cost operator()(const Rope& o) const { return {2.0 * static_cast<double>(o.rope_dim), 0}; }
  Cost operator()(const KvAppend& o) const {
    return {2 * tokens * static_cast<double>(o.kv_heads) * BytesOfRow(o.format, o.head_dim), 0};
  }
  Cost operator()(const Attention& o) const {
    return {2 * cached * static_cast<double>(o.kv_heads) * BytesOfRow(o.format, o.head_dim),
            4 * attended * static_cast<double>(o.heads) * static_cast<double>(o.head_dim)};
  }
  Cost operator()(const GatedMul&) const { return {}; }
  Cost operator()(const SelectOutputs&) const { return {}; }
  Cost operator()(const TopExperts&) const { return {}; }
  Cost operator()(const ExpertMatMul& o) const {
    const double experts = static_cast<double>(o.experts), used = static_cast<double>(o.used);
    const double touched = experts * (1 - std::pow(1 - used / experts, tokens));
    const double out = static_cast<double>(o.out_width);
    return {touched * out * BytesOfRow(o.format, o.in_width),
            2.0 * tokens * used * out * static_cast<double>(o.in_width)};
  }
  Cost operator()(const ExpertSum&) const { return {}; }
  Cost operator()(const ArgMax&) const { return {}; }
  Cost operator()(const MemoryProbe& o) const {
    const double arrays = o.pattern == MemoryPattern::kTriad  ? 3
                          : o.pattern == MemoryPattern::kCopy ? 2
                                                              : 1;
    return {arrays * static_cast<double>(o.bytes) * static_cast<double>(o.passes), 0};
  }
  Cost operator()(const LatencyProbe& o) const {
    return {static_cast<double>(kChaseLine) * static_cast<double>(o.hops), 0};
  }
  Cost operator()(const ComputeProbe& o) const { return {0, static_cast<double>(o.operations)}; }
  Cost operator()(const ClockProbe& o) const { return {0, static_cast<double>(o.adds)}; }
  Cost operator()(const SubgroupProbe& o) const { return {0, static_cast<double>(o.sums)}; }
  Cost operator()(const LaunchProbe&) const { return {}; }
};

NumberType ArithmeticOfWeights(QuantId format) {
  switch (format) {
    case QuantId::kF32:
      return NumberType::kFp32;
    case QuantId::kF16:
      return NumberType::kFp16;
    case QuantId::kBF16:
      return NumberType::kBf16;
    default:
      return NumberType::kInt8;
  }
}

}  // namespace

Cost CostOf(const Op& op, const Step& step) { return std::visit(Coster(step), op); }

Cost CostOf(std::span<const Op> ops, const Step& step) {
  const Coster coster(step);
  Cost sum;
  for (const Op& op : ops) {
    const Cost cost = std::visit(coster, op);
    sum.bytes += cost.bytes;
    sum.flops += cost.flops;
  }
  return sum;
}

NumberType ArithmeticOf(const Op& op) {
  if (const auto* matmul = std::get_if<MatMul>(&op)) return ArithmeticOfWeights(matmul->format);
  if (const auto* expert = std::get_if<ExpertMatMul>(&op)) {
    return ArithmeticOfWeights(expert->format);
  }
  if (const auto* probe = std::get_if<ComputeProbe>(&op)) return probe->type;
  return NumberType::kFp32;
}

}  // namespace inferometer
