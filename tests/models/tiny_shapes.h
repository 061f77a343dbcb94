// Small shapes for tests, one per family and one awkward: synthesised and run in milliseconds.
#ifndef INFEROMETER_TESTS_MODELS_TINY_SHAPES_H_
#define INFEROMETER_TESTS_MODELS_TINY_SHAPES_H_

#include <vector>

#include "models/shape.h"

namespace inferometer {

inline std::vector<ModelShape> TinyShapes() {
  ModelShape base;
  base.layers = 2;
  base.width = 256;
  base.heads = 4;
  base.kv_heads = 2;
  base.head_dim = 64;
  base.feed_forward = 512;
  base.vocab = 320;
  base.context = 512;
  base.rope_dim = 64;

  ModelShape llama = base;
  llama.name = "tiny-llama";
  llama.family = "llama";
  llama.tied_head = true;

  ModelShape llama3 = base;
  llama3.name = "tiny-llama-3";
  llama3.family = "llama";
  llama3.rope_base = 500000;
  llama3.rope_scaling = {8, 1, 4, 64};

  ModelShape qwen2 = base;
  qwen2.name = "tiny-qwen2";
  qwen2.family = "qwen2";
  qwen2.rope_style = RopeStyle::kHalves;
  qwen2.rope_base = 1000000;
  qwen2.norm_eps = 1e-6f;
  qwen2.tied_head = true;
  qwen2.qkv_bias = true;

  ModelShape qwen3 = base;
  qwen3.name = "tiny-qwen3";
  qwen3.family = "qwen3";
  qwen3.rope_style = RopeStyle::kHalves;
  qwen3.rope_base = 1000000;
  qwen3.norm_eps = 1e-6f;
  qwen3.tied_head = true;
  qwen3.qk_norm = true;

  // Twice the width: the planted choice of experts needs two units of 256 (models/synth.cc).
  ModelShape qwen3moe = qwen3;
  qwen3moe.name = "tiny-qwen3moe";
  qwen3moe.family = "qwen3moe";
  qwen3moe.tied_head = false;
  qwen3moe.width = 512;
  qwen3moe.feed_forward = 256;
  qwen3moe.experts = 8;
  qwen3moe.experts_used = 2;

  // Nothing here is a multiple of 256, so k-quants fall back; vocab is odd, and heads of 32.
  ModelShape awkward = base;
  awkward.name = "tiny-awkward";
  awkward.family = "llama";
  awkward.width = 96;
  awkward.heads = 3;
  awkward.kv_heads = 1;
  awkward.head_dim = 32;
  awkward.rope_dim = 32;
  awkward.feed_forward = 160;
  awkward.vocab = 131;
  return {llama, llama3, qwen2, qwen3, qwen3moe, awkward};
}

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_MODELS_TINY_SHAPES_H_
