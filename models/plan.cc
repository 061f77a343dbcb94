// The forward pass of a decoder-only transformer, written once.
#include "models/plan.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

#include "harness/base/error.h"

namespace inferometer {
namespace {

class Builder {
 public:
  Builder(const Model& model, const PlanLimits& limits) : model_(model), shape_(model.shape) {
    CheckShape(shape_);
    plan_.limits = limits;
    plan_.tensors = model.tensors;
  }

  ModelPlan Build() {
    const ModelShape& s = shape_;
    plan_.rope_frequencies = RopeFrequencies(s);
    plan_.frequencies = Add({.name = "rope frequencies",
                             .role = TensorRole::kVector,
                             .dims = {static_cast<std::int64_t>(plan_.rope_frequencies.size())}});
    const TensorId residual = Activation("residual", s.width);
    const Weight table = Matrix("token_embd.weight", s.width, s.vocab);
    Emit(Embed{table.id, residual, table.format, s.width, s.vocab});
    for (std::int64_t layer = 0; layer < s.layers; ++layer) {
      layer_ = layer;
      AttentionBlock(residual);
      s.experts > 0 ? ExpertBlock(residual) : MlpBlock(residual);
    }
    layer_ = -1;
    Head(residual, table);
    return std::move(plan_);
  }

 private:
  struct Weight {
    TensorId id = kNoTensor;
    QuantId format = QuantId::kF32;
  };

  void AttentionBlock(TensorId residual) {
    const ModelShape& s = shape_;
    const std::int64_t q_width = s.heads * s.head_dim, kv_width = s.kv_heads * s.head_dim;
    const TensorId normed = Activation("normed", s.width);
    const TensorId q = Activation("q", q_width), k = Activation("k", kv_width),
                   v = Activation("v", kv_width), mixed = Activation("mixed", q_width);
    Norm(residual, "attn_norm", normed, s.width, 1);
    Project(normed, "attn_q", q, s.width, q_width, s.qkv_bias);
    Project(normed, "attn_k", k, s.width, kv_width, s.qkv_bias);
    Project(normed, "attn_v", v, s.width, kv_width, s.qkv_bias);
    if (s.qk_norm) {
      Norm(q, "attn_q_norm", q, s.head_dim, s.heads);
      Norm(k, "attn_k_norm", k, s.head_dim, s.kv_heads);
    }
    Emit(Rope{q, plan_.frequencies, s.heads, s.head_dim, s.rope_dim, s.rope_style});
    Emit(Rope{k, plan_.frequencies, s.kv_heads, s.head_dim, s.rope_dim, s.rope_style});
    const QuantId kv = plan_.limits.kv_format;
    const TensorId k_cache = Cache("k", TensorRole::kKeyCache);
    const TensorId v_cache = Cache("v", TensorRole::kValueCache);
    Emit(KvAppend{k, v, k_cache, v_cache, kv, s.kv_heads, s.head_dim});
    const float scale = 1.0f / std::sqrt(static_cast<float>(s.head_dim));
    Emit(Attention{q, k_cache, v_cache, mixed, kv, s.heads, s.kv_heads, s.head_dim, scale});
    Project(mixed, "attn_output", residual, q_width, s.width, false, /*accumulate=*/true);
  }

  void MlpBlock(TensorId residual) {
    const ModelShape& s = shape_;
    const TensorId normed = Activation("normed", s.width);
    const TensorId gate = Activation("gate", s.feed_forward), up = Activation("up", s.feed_forward);
    Norm(residual, "ffn_norm", normed, s.width, 1);
    Project(normed, "ffn_gate", gate, s.width, s.feed_forward);
    Project(normed, "ffn_up", up, s.width, s.feed_forward);
    Emit(GatedMul{gate, up, gate, s.feed_forward, 1});
    Project(gate, "ffn_down", residual, s.feed_forward, s.width, false, /*accumulate=*/true);
  }

  void ExpertBlock(TensorId residual) {
    const ModelShape& s = shape_;
    const std::int64_t used = s.experts_used, inner = s.feed_forward;
    const TensorId normed = Activation("normed", s.width);
    const TensorId scores = Activation("scores", s.experts);
    const TensorId weights = Activation("expert weights", used);
    const TensorId ids = Activation("expert ids", used, TensorRole::kIndex);
    const TensorId gate = Activation("gate", used * inner), up = Activation("up", used * inner);
    const TensorId down = Activation("down", used * s.width);
    Norm(residual, "ffn_norm", normed, s.width, 1);
    Project(normed, "ffn_gate_inp", scores, s.width, s.experts);
    Emit(TopExperts{scores, ids, weights, s.experts, used});
    ProjectExperts(normed, "ffn_gate_exps", ids, gate, s.width, inner, true);
    ProjectExperts(normed, "ffn_up_exps", ids, up, s.width, inner, true);
    Emit(GatedMul{gate, up, gate, inner, used});
    ProjectExperts(gate, "ffn_down_exps", ids, down, inner, s.width, false);
    Emit(ExpertSum{down, weights, residual, s.width, used});
  }

  void Head(TensorId residual, const Weight& table) {
    const ModelShape& s = shape_;
    const std::int64_t outputs = plan_.limits.outputs;
    const TensorId selected = Add({.name = "selected", .dims = {s.width, outputs}});
    plan_.logits = Add({.name = "logits", .dims = {s.vocab, outputs}});
    plan_.greedy = Add({.name = "greedy", .role = TensorRole::kIndex, .dims = {1, outputs}});
    Emit(SelectOutputs{residual, selected, s.width});
    Emit(RmsNorm{selected, Vector("output_norm.weight", s.width), selected, s.width, 1, s.norm_eps,
                 Rows::kOutputs});
    const Weight head = s.tied_head ? table : Matrix("output.weight", s.width, s.vocab);
    Emit(MatMul{.in = selected,
                .weight = head.id,
                .out = plan_.logits,
                .format = head.format,
                .in_width = s.width,
                .out_width = s.vocab,
                .rows = Rows::kOutputs});
    Emit(ArgMax{plan_.logits, plan_.greedy, s.vocab});
  }

  void Norm(TensorId in, std::string_view weight, TensorId out, std::int64_t width,
            std::int64_t groups) {
    Emit(RmsNorm{in, Vector(LayerName(weight), width), out, width, groups, shape_.norm_eps,
                 Rows::kTokens});
  }

  void Project(TensorId in, std::string_view weight, TensorId out, std::int64_t in_width,
               std::int64_t out_width, bool bias = false, bool accumulate = false) {
    const Weight matrix = Matrix(LayerName(weight), in_width, out_width);
    Emit(MatMul{.in = in,
                .weight = matrix.id,
                .bias = bias ? Vector(LayerName(weight, "bias"), out_width) : kNoTensor,
                .out = out,
                .format = matrix.format,
                .in_width = in_width,
                .out_width = out_width,
                .accumulate = accumulate});
  }

  void ProjectExperts(TensorId in, std::string_view weight, TensorId ids, TensorId out,
                      std::int64_t in_width, std::int64_t out_width, bool shared_input) {
    const Weight stack = Matrix(LayerName(weight), in_width, out_width, shape_.experts);
    Emit(ExpertMatMul{in, stack.id, ids, out, stack.format, in_width, out_width, shape_.experts,
                      shape_.experts_used, shared_input});
  }

  std::string LayerName(std::string_view what, std::string_view kind = "weight") const {
    return fmt::format("blk.{}.{}.{}", layer_, what, kind);
  }

  Weight Matrix(const std::string& name, std::int64_t in, std::int64_t out,
                std::int64_t planes = 1) {
    const TensorId id = Find(name, {in, out, planes, 1});
    return {id, plan_.tensors[static_cast<std::size_t>(id)].format};
  }

  TensorId Vector(const std::string& name, std::int64_t width) {
    const TensorId id = Find(name, {width, 1, 1, 1});
    if (plan_.tensors[static_cast<std::size_t>(id)].format != QuantId::kF32) {
      throw Error(ExitCode::kInvalidInput,
                  fmt::format("model '{}': tensor '{}' is stored as {}, but norms and biases must "
                              "be f32",
                              model_.name, name,
                              FormatOf(plan_.tensors[static_cast<std::size_t>(id)].format).name));
    }
    return id;
  }

  TensorId Find(const std::string& name, const std::array<std::int64_t, 4>& dims) {
    const std::int64_t index = FindTensor(model_, name);
    if (index < 0) {
      throw Error(ExitCode::kInvalidInput,
                  fmt::format("model '{}': tensor '{}' is missing; family '{}' needs it",
                              model_.name, name, shape_.family));
    }
    const TensorDesc& desc = model_.tensors[static_cast<std::size_t>(index)];
    if (desc.dims != dims) {
      throw Error(ExitCode::kInvalidInput,
                  fmt::format("model '{}': tensor '{}' is {}x{}x{}x{}, but the model's shape makes "
                              "it {}x{}x{}x{}",
                              model_.name, name, desc.dims[0], desc.dims[1], desc.dims[2],
                              desc.dims[3], dims[0], dims[1], dims[2], dims[3]));
    }
    return TensorId{static_cast<std::uint32_t>(index)};
  }

  // An activation of every token of a step. Layers share those of the same name.
  TensorId Activation(std::string_view name, std::int64_t width,
                      TensorRole role = TensorRole::kActivation) {
    for (std::size_t i = model_.tensors.size(); i < plan_.tensors.size(); ++i) {
      if (plan_.tensors[i].name == name) return TensorId{static_cast<std::uint32_t>(i)};
    }
    return Add(
        {.name = std::string(name), .role = role, .dims = {width, plan_.limits.step_tokens}});
  }

  TensorId Cache(std::string_view name, TensorRole role) {
    const PlanLimits& limits = plan_.limits;
    const TensorId id =
        Add({.name = fmt::format("cache.{}.{}", layer_, name),
             .role = role,
             .format = limits.kv_format,
             .dims = {shape_.head_dim, shape_.kv_heads, limits.positions, limits.sequences}});
    plan_.caches.push_back(id);
    return id;
  }

  TensorId Add(TensorDesc desc) {
    for (std::int64_t& dim : desc.dims) dim = dim == 0 ? 1 : dim;  // those left out above
    plan_.tensors.push_back(std::move(desc));
    return TensorId{static_cast<std::uint32_t>(plan_.tensors.size() - 1)};
  }

  void Emit(const Op& op) { plan_.ops.push_back(op); }

  const Model& model_;
  const ModelShape& shape_;
  ModelPlan plan_;
  std::int64_t layer_ = -1;
};

}  // namespace

std::int64_t FindTensor(const Model& model, std::string_view name) {
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    if (model.tensors[i].name == name) return static_cast<std::int64_t>(i);
  }
  return -1;
}

ModelPlan BuildPlan(const Model& model, const PlanLimits& limits) {
  return Builder(model, limits).Build();
}

std::uint64_t WorkingBytes(const ModelPlan& plan) {
  std::uint64_t bytes = 0;
  for (const TensorDesc& desc : plan.tensors) {
    switch (desc.role) {
      case TensorRole::kActivation:
      case TensorRole::kIndex:
      case TensorRole::kKeyCache:
      case TensorRole::kValueCache:
        bytes += ByteSize(desc);
        break;
      default:
        break;
    }
  }
  return bytes;
}

}  // namespace inferometer
