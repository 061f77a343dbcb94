// Small models of every family, for tests: any bytes as weights.
#ifndef INFEROMETER_TESTS_MODELS_TINY_MODELS_H_
#define INFEROMETER_TESTS_MODELS_TINY_MODELS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/model.h"
#include "models/weights.h"

namespace inferometer {

// A shape of two layers of that family: width 64, 4 heads of 16 on 2 kv heads, vocabulary 300.
inline ModelShape TinyShape(std::string_view family) {
  ModelShape shape;
  shape.name = "tiny";
  shape.family = family;
  shape.layers = 2;
  shape.width = 64;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 16;
  shape.feed_forward = 96;
  shape.vocab = 300;
  shape.context = 128;
  shape.norm_eps = 1e-6f;
  shape.rope_base = 50000;
  shape.rope_dim = 16;
  shape.rope_style = family == "llama" ? RopeStyle::kInterleaved : RopeStyle::kHalves;
  shape.qkv_bias = family == "qwen2";
  shape.qk_norm = family == "qwen3" || family == "qwen3moe";
  if (family == "qwen3moe") shape.experts = 8, shape.experts_used = 2;
  return shape;
}

// A model whose load() returns one buffer anew on each call, as synthetic models do.
inline Model TinyModel(const ModelShape& shape, QuantId matrices = QuantId::kQ8_0) {
  Model model;
  model.name = shape.name;
  model.quant = FormatOf(matrices).name;
  model.shape = shape;
  model.tensors = WeightsOf(shape);
  std::vector<std::size_t> sizes;
  for (TensorDesc& tensor : model.tensors) {
    if (tensor.role != TensorRole::kVector) tensor.format = matrices;
    sizes.push_back(static_cast<std::size_t>(ByteSize(tensor)));
    model.bytes += sizes.back();
  }
  model.load = [sizes, buffer = std::vector<std::byte>()](std::size_t i) mutable {
    buffer.resize(sizes[i]);
    for (std::size_t j = 0; j < buffer.size(); ++j) {
      buffer[j] = static_cast<std::byte>((i + 3) * (j + 5) >> 2);
    }
    return std::span<const std::byte>(buffer);
  };
  return model;
}

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_MODELS_TINY_MODELS_H_
