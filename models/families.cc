// The model families: how the keys of a GGUF file map to a shape and back.
//
// Key names: docs/gguf.md of github.com/ggml-org/ggml. Which of them a family has, and its rope
// style: src/llama-model.cpp of github.com/ggml-org/llama.cpp.
#include "models/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "models/gguf/keys.h"
#include "models/gguf/names.h"
#include "models/gguf/reader.h"

namespace inferometer {
namespace {

// No published model comes near these; they keep products far from overflow.
constexpr std::int64_t kMostLayers = 1 << 12;
constexpr std::int64_t kMostWidth = 1 << 20;
constexpr std::int64_t kMostInner = 1 << 24;
constexpr std::int64_t kMostExperts = 1 << 12;
constexpr std::int64_t kMostContext = (std::int64_t{1} << 31) - 1;
constexpr double kMostRope = 1e15;  // of bases and divisors

[[noreturn]] void Fail(const std::string& message) {
  throw Error(ExitCode::kInvalidInput, message);
}

GgufKey IntKey(std::string name, std::int64_t value) {
  return {std::move(name), GgufType::kUint32, static_cast<std::uint64_t>(value), 0};
}

GgufKey FloatKey(std::string name, double value) {
  return {std::move(name), GgufType::kFloat32, value, 0};
}

std::string Key(const ModelShape& shape, std::string_view rest) {
  return fmt::format("{}.{}", shape.family, rest);
}

void ReadExperts(const GgufFile& file, ModelShape& shape) {
  shape.experts = RequiredInt(file, Key(shape, "expert_count"), 1, kMostExperts);
  shape.experts_used = RequiredInt(file, Key(shape, "expert_used_count"), 1, shape.experts);
  shape.feed_forward = RequiredInt(file, Key(shape, "expert_feed_forward_length"), 1, kMostInner);
}

void ReadLlama(const GgufFile& file, ModelShape& shape) {
  if (OptionalInt(file, "llama.expert_count", 0, kMostExperts).value_or(0) > 0) {
    Fail(
        "key 'llama.expert_count' is not 0: a llama model with experts (mixtral) is not "
        "supported; of models with experts qwen3moe is");
  }
  shape.rope_style = RopeStyle::kInterleaved;
  shape.qkv_bias = FindTensor(file, "blk.0.attn_q.bias") != nullptr;
}

void ReadQwen2(const GgufFile&, ModelShape& shape) {
  shape.rope_style = RopeStyle::kHalves;
  shape.qkv_bias = true;
}

void ReadQwen3(const GgufFile&, ModelShape& shape) {
  shape.rope_style = RopeStyle::kHalves;
  shape.qk_norm = true;
}

void ReadQwen3Moe(const GgufFile& file, ModelShape& shape) {
  shape.rope_style = RopeStyle::kHalves;
  shape.qk_norm = true;
  ReadExperts(file, shape);
}

void WriteNothing(const ModelShape&, std::vector<GgufKey>&) {}

void WriteExperts(const ModelShape& shape, std::vector<GgufKey>& keys) {
  keys.push_back(IntKey(Key(shape, "expert_count"), shape.experts));
  keys.push_back(IntKey(Key(shape, "expert_used_count"), shape.experts_used));
  keys.push_back(IntKey(Key(shape, "expert_feed_forward_length"), shape.feed_forward));
}

constexpr Family kFamilies[] = {
    {"llama", ReadLlama, WriteNothing},
    {"qwen2", ReadQwen2, WriteNothing},
    {"qwen3", ReadQwen3, WriteNothing},
    {"qwen3moe", ReadQwen3Moe, WriteExperts},
};

const Family* FindFamily(std::string_view name) {
  const auto* row = std::find_if(std::begin(kFamilies), std::end(kFamilies),
                                 [name](const Family& f) { return f.name == name; });
  return row == std::end(kFamilies) ? nullptr : row;
}

std::string UnknownFamily(std::string_view name) {
  std::vector<std::string> known;
  for (const Family& family : kFamilies) known.emplace_back(family.name);
  return UnknownName("model architecture", name, known);
}

// What the keys and the tensor rope_freqs.weight say about scaled rotation: the divisor of each
// pair, empty when all are 1.
std::vector<float> ReadDivisors(const GgufFile& file, const ModelShape& shape) {
  const std::string type_key = Key(shape, "rope.scaling.type");
  const std::string_view type = OptionalString(file, type_key).value_or("none");
  double factor = 1;
  if (type == "linear") {
    factor = RequiredFloat(file, Key(shape, "rope.scaling.factor"), 1e-3, kMostRope);
  } else if (type != "none") {
    Fail(
        fmt::format("key '{}' asks for rope scaling {}, which is not supported; supported are "
                    "'none', 'linear' and the tensor {} of llama 3",
                    type_key, Quoted(type), kRopeFreqsName));
  }
  const auto pairs = static_cast<std::size_t>(shape.rope_dim / 2);
  const GgufTensor* tensor = FindTensor(file, kRopeFreqsName);
  if (tensor == nullptr) {
    return factor == 1 ? std::vector<float>()
                       : std::vector<float>(pairs, static_cast<float>(factor));
  }
  if (factor != 1) {
    Fail(fmt::format("key '{}' and tensor '{}' both scale the rotation, which is not supported",
                     type_key, kRopeFreqsName));
  }
  if (tensor->format != QuantId::kF32 || tensor->size != pairs * sizeof(float)) {
    Fail(fmt::format("tensor '{}' has {} bytes of {}, expected {} values of f32", kRopeFreqsName,
                     tensor->size, FormatOf(tensor->format).name, pairs));
  }
  std::vector<float> divisors(pairs);
  std::memcpy(divisors.data(), DataOf(file, *tensor).data(), pairs * sizeof(float));
  for (const float divisor : divisors) {
    if (!std::isfinite(divisor) || divisor < 1e-3f || divisor > static_cast<float>(kMostRope)) {
      Fail(fmt::format("tensor '{}' holds {}, by which no frequency can be divided", kRopeFreqsName,
                       divisor));
    }
  }
  return divisors;
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::span<const Family> Families() { return kFamilies; }

ModelShape ShapeOf(const GgufFile& file) {
  const std::string_view architecture = RequiredString(file, "general.architecture");
  const Family* family = FindFamily(architecture);
  if (family == nullptr) {
    const std::string quoted = Quoted(architecture);
    Fail(UnknownFamily(std::string_view(quoted).substr(1, quoted.size() - 2)));
  }
  if (OptionalInt(file, "split.count", 0, 1 << 16).value_or(1) > 1) {
    Fail(
        "key 'split.count' says that this is one part of a model in several files; merge them "
        "with llama.cpp's llama-gguf-split --merge");
  }
  ModelShape shape;
  const std::string_view name = OptionalString(file, "general.name").value_or("");
  if (IsPrintable(name)) shape.name = name;
  shape.family = architecture;
  const auto required = [&](std::string_view rest, std::int64_t most) {
    return RequiredInt(file, Key(shape, rest), 1, most);
  };
  shape.layers = required("block_count", kMostLayers);
  shape.width = required("embedding_length", kMostWidth);
  shape.heads = required("attention.head_count", kMostWidth);
  shape.kv_heads =
      OptionalInt(file, Key(shape, "attention.head_count_kv"), 1, kMostWidth).value_or(shape.heads);
  shape.head_dim = OptionalInt(file, Key(shape, "attention.key_length"), 1, kMostWidth)
                       .value_or(shape.width / shape.heads);
  const std::string value_key = Key(shape, "attention.value_length");
  if (OptionalInt(file, value_key, 1, kMostWidth).value_or(shape.head_dim) != shape.head_dim) {
    Fail(fmt::format("key '{}' is not the length of the keys, {}; such models are not supported",
                     value_key, shape.head_dim));
  }
  shape.context = required("context_length", kMostContext);
  shape.norm_eps =
      static_cast<float>(RequiredFloat(file, Key(shape, "attention.layer_norm_rms_epsilon"), 0, 1));
  shape.rope_base = OptionalFloat(file, Key(shape, "rope.freq_base"), 1, kMostRope).value_or(10000);
  shape.rope_dim =
      OptionalInt(file, Key(shape, "rope.dimension_count"), 2, kMostWidth).value_or(shape.head_dim);
  shape.feed_forward =
      OptionalInt(file, Key(shape, "feed_forward_length"), 0, kMostInner).value_or(0);
  family->read(file, shape);
  if (shape.feed_forward == 0) required("feed_forward_length", kMostInner);
  const GgufTensor* table = FindTensor(file, "token_embd.weight");
  if (table == nullptr) Fail("tensor 'token_embd.weight' is missing; convert the model anew");
  shape.vocab = table->dims[1];
  shape.tied_head = FindTensor(file, "output.weight") == nullptr;
  CheckShape(shape);
  shape.rope_divisors = ReadDivisors(file, shape);
  return shape;
}

std::vector<GgufKey> KeysOf(const ModelShape& shape) {
  const Family* family = FindFamily(shape.family);
  if (family == nullptr) throw Error(ExitCode::kUsage, UnknownFamily(shape.family));
  std::vector<GgufKey> keys;
  keys.push_back({"general.architecture", GgufType::kString, std::string_view(shape.family), 0});
  keys.push_back({"general.name", GgufType::kString, std::string_view(shape.name), 0});
  const auto add = [&](std::string_view rest, std::int64_t value) {
    keys.push_back(IntKey(Key(shape, rest), value));
  };
  add("block_count", shape.layers);
  add("context_length", shape.context);
  add("embedding_length", shape.width);
  add("feed_forward_length", shape.feed_forward);
  add("attention.head_count", shape.heads);
  add("attention.head_count_kv", shape.kv_heads);
  add("attention.key_length", shape.head_dim);
  add("attention.value_length", shape.head_dim);
  keys.push_back(FloatKey(Key(shape, "attention.layer_norm_rms_epsilon"), shape.norm_eps));
  add("rope.dimension_count", shape.rope_dim);
  keys.push_back(FloatKey(Key(shape, "rope.freq_base"), shape.rope_base));
  add("vocab_size", shape.vocab);
  family->write(shape, keys);
  return keys;
}

}  // namespace inferometer
