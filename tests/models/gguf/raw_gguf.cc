// GGUF files built field by field, so that tests can make each field wrong.
#include "tests/models/gguf/raw_gguf.h"

#include <algorithm>
#include <stdexcept>

#include "models/gguf/gguf.h"

namespace inferometer {
namespace {

constexpr std::size_t kAlignment = 32;

std::string Value(GgufType type, const std::string& field) { return Field(type) + field; }

}  // namespace

std::string StringField(std::string_view text) {
  return Field(std::uint64_t{text.size()}) + std::string(text);
}

std::string Uint32Value(std::uint32_t value) { return Value(GgufType::kUint32, Field(value)); }
std::string FloatValue(float value) { return Value(GgufType::kFloat32, Field(value)); }
std::string StringValue(std::string_view value) {
  return Value(GgufType::kString, StringField(value));
}

void RawGguf::SetKey(std::string_view name, std::string_view value) {
  const auto key =
      std::find_if(keys.begin(), keys.end(), [name](const auto& k) { return k.first == name; });
  if (value.empty()) {
    if (key != keys.end()) keys.erase(key);
  } else if (key == keys.end()) {
    keys.emplace_back(name, value);
  } else {
    key->second = value;
  }
}

RawTensor& RawGguf::Tensor(std::string_view name) {
  for (RawTensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::out_of_range(std::string(name));
}

void RawGguf::AddTensor(const std::string& name, const std::vector<std::uint64_t>& dims) {
  std::uint64_t bytes = sizeof(float);
  for (const std::uint64_t dim : dims) bytes *= dim;
  tensors.push_back({name, dims, 0, data.size()});
  data.append((bytes + kAlignment - 1) / kAlignment * kAlignment, '\0');
}

std::string RawGguf::Bytes() const {
  std::string bytes = magic + Field(version);
  bytes += Field(tensor_count.value_or(tensors.size()));
  bytes += Field(key_count.value_or(keys.size()));
  for (const auto& [name, value] : keys) bytes += StringField(name) + value;
  for (const RawTensor& tensor : tensors) {
    bytes += StringField(tensor.name) + Field(static_cast<std::uint32_t>(tensor.dims.size()));
    for (const std::uint64_t dim : tensor.dims) bytes += Field(dim);
    bytes += Field(tensor.type) + Field(tensor.offset);
  }
  bytes.append((kAlignment - bytes.size() % kAlignment) % kAlignment, '\0');
  return bytes + data;
}

RawGguf TinyLlama() {
  RawGguf file;
  file.keys = {{"general.architecture", StringValue("llama")},
               {"general.name", StringValue("tiny")},
               {"llama.block_count", Uint32Value(1)},
               {"llama.context_length", Uint32Value(64)},
               {"llama.embedding_length", Uint32Value(32)},
               {"llama.feed_forward_length", Uint32Value(64)},
               {"llama.attention.head_count", Uint32Value(2)},
               {"llama.attention.head_count_kv", Uint32Value(1)},
               {"llama.attention.layer_norm_rms_epsilon", FloatValue(1e-5f)}};
  file.AddTensor("token_embd.weight", {32, 32});
  file.AddTensor("blk.0.attn_norm.weight", {32});
  file.AddTensor("blk.0.attn_q.weight", {32, 32});
  file.AddTensor("blk.0.attn_k.weight", {32, 16});
  file.AddTensor("blk.0.attn_v.weight", {32, 16});
  file.AddTensor("blk.0.attn_output.weight", {32, 32});
  file.AddTensor("blk.0.ffn_norm.weight", {32});
  file.AddTensor("blk.0.ffn_gate.weight", {32, 64});
  file.AddTensor("blk.0.ffn_up.weight", {32, 64});
  file.AddTensor("blk.0.ffn_down.weight", {64, 32});
  file.AddTensor("output_norm.weight", {32});
  return file;
}

}  // namespace inferometer
