// Takes the ops out of a model's plan and names them.
#include "harness/kernels/kernel_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>
#include <variant>

#include "models/plan.h"

namespace inferometer {
namespace {

// "q4_k" of what the op reads most of, and the sizes that tell it from others of its kind.
struct Named {
  QuantId format = QuantId::kF32;
  std::string shape;
};

std::string Groups(std::int64_t groups, std::int64_t width) {
  return groups == 1 ? std::to_string(width) : fmt::format("{}x{}", groups, width);
}

struct Namer {
  Named operator()(const Embed& o) const {
    return {o.format, fmt::format("{}x{}", o.width, o.vocab)};
  }
  Named operator()(const RmsNorm& o) const { return {QuantId::kF32, Groups(o.groups, o.width)}; }
  Named operator()(const MatMul& o) const {
    return {o.format, fmt::format("{}x{}", o.in_width, o.out_width)};
  }
  Named operator()(const Rope& o) const {
    return {QuantId::kF32, fmt::format("{}x{}", o.heads, o.head_dim)};
  }
  Named operator()(const KvAppend& o) const {
    return {o.format, fmt::format("{}x{}", o.kv_heads, o.head_dim)};
  }
  Named operator()(const Attention& o) const {
    return {o.format, fmt::format("{}x{}x{}", o.heads, o.kv_heads, o.head_dim)};
  }
  Named operator()(const GatedMul& o) const { return {QuantId::kF32, Groups(o.groups, o.width)}; }
  Named operator()(const SelectOutputs& o) const {
    return {QuantId::kF32, std::to_string(o.width)};
  }
  Named operator()(const TopExperts& o) const {
    return {QuantId::kF32, fmt::format("{}of{}", o.used, o.experts)};
  }
  Named operator()(const ExpertMatMul& o) const {
    return {o.format, fmt::format("{}x{}x{}of{}", o.in_width, o.out_width, o.used, o.experts)};
  }
  Named operator()(const ExpertSum& o) const {
    return {QuantId::kF32, fmt::format("{}x{}", o.used, o.width)};
  }
  Named operator()(const ArgMax& o) const { return {QuantId::kF32, std::to_string(o.width)}; }
  // Plans of models hold no probes.
  Named operator()(const MemoryProbe&) const { return {}; }
  Named operator()(const LatencyProbe&) const { return {}; }
  Named operator()(const ComputeProbe&) const { return {}; }
  Named operator()(const ClockProbe&) const { return {}; }
  Named operator()(const SubgroupProbe&) const { return {}; }
  Named operator()(const LaunchProbe&) const { return {}; }
};

bool OnOutputs(const Op& op) {
  if (const auto* norm = std::get_if<RmsNorm>(&op)) return norm->rows == Rows::kOutputs;
  if (const auto* matmul = std::get_if<MatMul>(&op)) return matmul->rows == Rows::kOutputs;
  return std::holds_alternative<SelectOutputs>(op) || std::holds_alternative<ArgMax>(op);
}

class Collector {
 public:
  std::vector<KernelCase> cases;

  void Add(const Model& model, std::int64_t tokens, std::int64_t depth, QuantId kv) {
    const ModelPlan plan =
        BuildPlan(model, {.positions = depth + tokens, .step_tokens = tokens, .kv_format = kv});
    for (const Op& op : plan.ops) AddOp(op, plan, tokens, depth);
  }

 private:
  void AddOp(Op op, const ModelPlan& plan, std::int64_t tokens, std::int64_t depth) {
    if (auto* matmul = std::get_if<MatMul>(&op)) {
      matmul->accumulate = false;
      matmul->bias = kNoTensor;
    }
    const bool outputs = OnOutputs(op);
    if (outputs) tokens = 1;
    const Named named = std::visit(Namer{}, op);
    KernelCase c;
    c.name = fmt::format("{}/{}/{}/{}:{}", NameOf(op), FormatOf(named.format).name, named.shape,
                         outputs ? "outputs" : "tokens", tokens);
    const bool deep = std::holds_alternative<Attention>(op);
    if (deep) c.name += fmt::format("/depth:{}", depth);
    if (!names_.insert(c.name).second) return;
    ForEachOperand(op, [&](TensorId& id, Access) {
      TensorDesc desc = plan.tensors[static_cast<std::size_t>(id)];
      if (desc.role == TensorRole::kActivation || desc.role == TensorRole::kIndex) {
        desc.dims[1] = tokens;
      }
      id = TensorId{static_cast<std::uint32_t>(c.tensors.size())};
      c.tensors.push_back(std::move(desc));
    });
    const auto* embed = std::get_if<Embed>(&op);
    for (std::int64_t t = 0; t < tokens; ++t) {
      // Rows far from each other, as those of a text are.
      const std::int64_t id = embed == nullptr ? 0 : (t + 1) * 7919 % embed->vocab;
      c.tokens.push_back({static_cast<std::int32_t>(id), static_cast<std::int32_t>(depth + t), 0,
                          t + 1 == tokens});
    }
    c.op = op;
    cases.push_back(std::move(c));
  }

  std::set<std::string> names_;
};

}  // namespace

std::vector<KernelCase> KernelCases(std::span<const Model> models, const KernelPoints& points) {
  Collector collector;
  for (const Model& model : models) {
    for (const std::int64_t tokens : points.tokens) {
      for (const std::int64_t depth : points.depths) {
        for (const QuantId kv : points.kv) collector.Add(model, tokens, depth, kv);
      }
    }
  }
  return std::move(collector.cases);
}

}  // namespace inferometer
