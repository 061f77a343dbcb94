// The list of tensors of a model, from its shape.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "models/quant/mixture.h"
#include "models/synth.h"

namespace inferometer {
namespace {

class Lister {
 public:
  Lister(const ModelShape& shape, std::string_view quant) : shape_(shape), quant_(quant) {}

  std::vector<TensorDesc> List() {
    const ModelShape& s = shape_;
    Matrix("token_embd", {s.width, s.vocab},
           s.tied_head ? TensorRole::kTableMatrix : TensorRole::kTable);
    Vector("output_norm.weight", s.width);
    if (!s.tied_head) Matrix("output", {s.width, s.vocab});
    if (s.rope_scaling.factor > 0) Vector("rope_freqs.weight", s.rope_dim / 2);
    Flush();
    for (std::int64_t layer = 0; layer < s.layers; ++layer) {
      prefix_ = fmt::format("blk.{}.", layer);
      Layer();
      Flush();
    }
    return std::move(tensors_);
  }

 private:
  void Layer() {
    const ModelShape& s = shape_;
    const std::int64_t q_width = s.heads * s.head_dim, kv_width = s.kv_heads * s.head_dim;
    Vector("attn_norm.weight", s.width);
    Vector("ffn_norm.weight", s.width);
    Matrix("attn_q", {s.width, q_width});
    Matrix("attn_k", {s.width, kv_width});
    Matrix("attn_v", {s.width, kv_width});
    Matrix("attn_output", {q_width, s.width});
    if (s.qkv_bias) {
      Vector("attn_q.bias", q_width);
      Vector("attn_k.bias", kv_width);
      Vector("attn_v.bias", kv_width);
    }
    if (s.qk_norm) {
      Vector("attn_q_norm.weight", s.head_dim);
      Vector("attn_k_norm.weight", s.head_dim);
    }
    if (s.experts > 0) {
      Matrix("ffn_gate_inp", {s.width, s.experts});
      Matrix("ffn_gate_exps", {s.width, s.feed_forward, s.experts});
      Matrix("ffn_up_exps", {s.width, s.feed_forward, s.experts});
      Matrix("ffn_down_exps", {s.feed_forward, s.width, s.experts});
    } else {
      Matrix("ffn_gate", {s.width, s.feed_forward});
      Matrix("ffn_up", {s.width, s.feed_forward});
      Matrix("ffn_down", {s.feed_forward, s.width});
    }
  }

  void Vector(std::string_view name, std::int64_t width) {
    group_.push_back(
        {prefix_ + std::string(name), TensorRole::kVector, QuantId::kF32, {width, 1, 1, 1}});
  }

  void Matrix(std::string_view name, std::vector<std::int64_t> dims,
              TensorRole role = TensorRole::kMatrix) {
    TensorDesc desc{fmt::format("{}{}.weight", prefix_, name), role, QuantId::kF32, {1, 1, 1, 1}};
    std::copy(dims.begin(), dims.end(), desc.dims.begin());
    desc.format = FormatOfTensor(quant_, shape_, desc.name, desc.dims[0]);
    group_.push_back(std::move(desc));
  }

  // Appends the tensors of one group, by name.
  void Flush() {
    std::sort(group_.begin(), group_.end(),
              [](const TensorDesc& a, const TensorDesc& b) { return a.name < b.name; });
    std::move(group_.begin(), group_.end(), std::back_inserter(tensors_));
    group_.clear();
  }

  const ModelShape& shape_;
  std::string_view quant_;
  std::string prefix_;
  std::vector<TensorDesc> group_, tensors_;
};

}  // namespace

std::vector<TensorDesc> ModelTensors(const ModelShape& shape, std::string_view quant) {
  CheckShape(shape);
  CheckQuant(quant);
  return Lister(shape, quant).List();
}

}  // namespace inferometer
