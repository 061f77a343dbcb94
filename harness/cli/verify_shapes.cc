// Small models, one of each family and feature, that `verify` holds against the reference whole.
#include "harness/cli/verify_shapes.h"

namespace inferometer {

std::vector<ModelShape> VerifyShapes() {
  ModelShape llama;
  llama.name = "small-llama";
  llama.family = "llama";
  llama.layers = 2;
  llama.width = 256;
  llama.heads = 4;
  llama.kv_heads = 2;
  llama.head_dim = llama.rope_dim = 64;
  llama.feed_forward = 512;
  llama.vocab = 640;
  llama.context = 512;
  llama.tied_head = true;

  ModelShape scaled = llama;
  scaled.name = "small-llama-3";
  scaled.rope_base = 500000;
  scaled.rope_scaling = {32, 1, 4, 256};
  scaled.tied_head = false;

  ModelShape qwen2 = llama;
  qwen2.name = "small-qwen2";
  qwen2.family = "qwen2";
  qwen2.rope_style = RopeStyle::kHalves;
  qwen2.qkv_bias = true;

  ModelShape qwen3 = llama;
  qwen3.name = "small-qwen3";
  qwen3.family = "qwen3";
  qwen3.rope_style = RopeStyle::kHalves;
  qwen3.head_dim = qwen3.rope_dim = 128;  // wider than width / heads, as in qwen3-0.6b
  qwen3.qk_norm = true;

  ModelShape experts = qwen3;
  experts.name = "small-qwen3moe";
  experts.family = "qwen3moe";
  experts.width = 512;  // synthetic experts are planted in units of 256 (models/synth.cc)
  experts.feed_forward = 256;
  experts.experts = 8;
  experts.experts_used = 2;
  experts.tied_head = false;
  return {llama, scaled, qwen2, qwen3, experts};
}

}  // namespace inferometer
