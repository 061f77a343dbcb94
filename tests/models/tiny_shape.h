// Small shapes of every family, for tests.
#ifndef INFEROMETER_TESTS_MODELS_TINY_SHAPE_H_
#define INFEROMETER_TESTS_MODELS_TINY_SHAPE_H_

#include <string_view>

#include "models/shape.h"

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

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_MODELS_TINY_SHAPE_H_
