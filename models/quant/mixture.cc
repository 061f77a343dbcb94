// The mixtures of formats in GGUF files, as llama.cpp assigns them.
#include "models/quant/mixture.h"

#include <charconv>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer {
namespace {

constexpr std::string_view kQ4_K_M = "q4_k_m";

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The N of "blk.N.", or -1.
std::int64_t LayerOf(std::string_view name) {
  constexpr std::string_view kPrefix = "blk.";
  std::int64_t layer = -1;
  if (name.starts_with(kPrefix)) {
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), layer);
  }
  return layer;
}

// The first and the last eighth of the layers, and every third between.
bool UsesMoreBits(std::int64_t layer, std::int64_t layers) {
  return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

// 80 layers with grouped queries: what llama.cpp calls its 70B type.
bool Is70B(const ModelShape& shape) {
  return shape.layers == 80 && shape.heads != shape.kv_heads &&
         (shape.family == "llama" || shape.family == "qwen2");
}

bool StaysF32(std::string_view name) {
  return !name.ends_with(".weight") || name.ends_with("_norm.weight") ||
         name == "rope_freqs.weight" || Contains(name, "ffn_gate_inp.");
}

QuantId FallBack(QuantId format, std::int64_t row_width) {
  auto fits = [row_width](QuantId id) { return row_width % FormatOf(id).block_weights == 0; };
  if (fits(format)) return format;
  switch (format) {
    case QuantId::kQ4_K:
      format = QuantId::kQ5_0;
      break;
    case QuantId::kQ5_K:
      format = QuantId::kQ5_1;
      break;
    case QuantId::kQ6_K:
      format = QuantId::kQ8_0;
      break;
    default:
      break;
  }
  return fits(format) ? format : QuantId::kF16;
}

// What the tensor gets where its row width allows it.
QuantId Choose(std::string_view quant, QuantId plain, const ModelShape& shape,
               std::string_view name, std::int64_t row_width) {
  const bool mixture = quant == kQ4_K_M, eight_experts = shape.experts == 8;
  if (name == "output.weight" || (shape.tied_head && name == "token_embd.weight")) {
    if (row_width % FormatOf(plain).block_weights != 0) return QuantId::kQ8_0;
    return plain == QuantId::kQ8_0 ? plain : QuantId::kQ6_K;
  }
  const bool more_bits = mixture && UsesMoreBits(LayerOf(name), shape.layers);
  if (Contains(name, "attn_v.")) {
    if (eight_experts) return QuantId::kQ8_0;
    const QuantId format = more_bits ? QuantId::kQ6_K : plain;
    return format == QuantId::kQ4_K && Is70B(shape) ? QuantId::kQ5_K : format;
  }
  if (Contains(name, "attn_k.") && eight_experts) return QuantId::kQ8_0;
  if (Contains(name, "ffn_down") && more_bits) return QuantId::kQ6_K;
  if (Contains(name, "attn_output.") && eight_experts && mixture) return QuantId::kQ5_K;
  return plain;
}

}  // namespace

std::vector<std::string> QuantNames() {
  std::vector<std::string> names;
  for (const Format& format : Formats()) names.emplace_back(format.name);
  names.emplace_back(kQ4_K_M);
  return names;
}

void CheckQuant(std::string_view quant) {
  if (quant == kQ4_K_M || FindFormat(quant)) return;
  throw Error(ExitCode::kUsage, UnknownName("quant", quant, QuantNames()));
}

QuantId FormatOfTensor(std::string_view quant, const ModelShape& shape, std::string_view name,
                       std::int64_t row_width) {
  CheckQuant(quant);
  if (StaysF32(name)) return QuantId::kF32;
  const QuantId plain = quant == kQ4_K_M ? QuantId::kQ4_K : FindFormat(quant)->id;
  if (plain == QuantId::kF32 || plain == QuantId::kF16 || plain == QuantId::kBF16) return plain;
  return FallBack(Choose(quant, plain, shape, name, row_width), row_width);
}

}  // namespace inferometer
