// The shape of a language model: every number that decides what is computed, and nothing else.
#ifndef INFEROMETER_MODELS_SHAPE_H_
#define INFEROMETER_MODELS_SHAPE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace inferometer {

enum class RopeStyle : std::uint8_t {
  kInterleaved,  // rotates the pairs (2i, 2i + 1): llama as stored in GGUF
  kHalves,       // rotates the pairs (i, i + n/2): qwen
};

// Llama 3's frequency-dependent rope scaling; factor 0 means none.
struct RopeScaling {
  double factor = 0;
  double low_frequency_factor = 1;
  double high_frequency_factor = 4;
  double original_context = 8192;
};

struct ModelShape {
  std::string name;    // "llama-3.2-1b"
  std::string family;  // GGUF's general.architecture: "llama", "qwen2", "qwen3", "qwen3moe"
  std::int64_t layers = 0;
  std::int64_t width = 0;  // embedding length
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t feed_forward = 0;  // inner width of the gated MLP; of one expert when experts > 0
  std::int64_t vocab = 0;
  std::int64_t context = 0;  // longest context the model was made for
  float norm_eps = 1e-5f;
  double rope_base = 10000;
  std::int64_t rope_dim = 0;  // rotated values per head, head_dim unless said otherwise
  RopeStyle rope_style = RopeStyle::kInterleaved;
  RopeScaling rope_scaling;
  // When not empty the divisor of each rotated pair, rope_dim / 2 values, in place of rope_scaling:
  // a file's rope_freqs.weight.
  std::vector<float> rope_divisors;
  bool tied_head = false;         // the output matrix is the embedding table
  bool qkv_bias = false;          // qwen2
  bool qk_norm = false;           // qwen3: RMS norm over each head of q and k
  std::int64_t experts = 0;       // 0: dense
  std::int64_t experts_used = 0;  // per token
};

// Throws Error(kInvalidInput) naming the first field that no model could have: zero or negative
// sizes, heads that kv_heads does not divide, an odd rope_dim, experts_used above experts, products
// that overflow.
void CheckShape(const ModelShape& shape);

// The rotation frequency of each pair, radians per position, with `scaling` applied: rope_dim / 2
// values (Su et al. 2021, RoFormer; the scaling as published with Llama 3.1).
std::vector<float> RopeFrequencies(const ModelShape& shape);

// The divisor that llama 3 scaling applies to each pair: what GGUF stores as rope_freqs.weight.
// All ones when there is no scaling.
std::vector<float> RopeDivisors(const ModelShape& shape);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_SHAPE_H_
