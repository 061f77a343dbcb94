// The weights of a shape, by GGUF's names, and those of a file matched against them.
//
// Names and dimensions: src/llama-arch.cpp and src/llama-model.cpp of
// github.com/ggml-org/llama.cpp.
#include "models/weights.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "harness/base/error.h"
#include "models/families.h"

namespace inferometer {
namespace {

[[noreturn]] void Fail(const std::string& message) {
  throw Error(ExitCode::kInvalidInput, "GGUF: " + message);
}

// Precomputed rotation frequencies of early conversions change nothing: llama.cpp skips them as
// well. The rope divisors are part of the shape.
bool IsHarmless(std::string_view name) {
  return name == kRopeFreqsName || name.ends_with(".attn_rot_embd") ||
         name.ends_with(".attn_rot_embd.weight");
}

void CheckAgainst(const TensorDesc& expected, const GgufTensor& found) {
  if (found.dims != expected.dims) {
    const auto& [a, b, c, d] = found.dims;
    const auto& [e, f, g, h] = expected.dims;
    Fail(
        fmt::format("tensor '{}' has dimensions {}x{}x{}x{}, the file's keys ask for {}x{}x{}x{}; "
                    "convert the model anew",
                    found.name, a, b, c, d, e, f, g, h));
  }
  if (expected.role == TensorRole::kVector && found.format != QuantId::kF32) {
    Fail(
        fmt::format("tensor '{}' is stored as {}, norms and biases must be f32; convert the model "
                    "anew",
                    found.name, FormatOf(found.format).name));
  }
}

}  // namespace

std::vector<TensorDesc> WeightsOf(const ModelShape& shape) {
  std::vector<TensorDesc> weights;
  const auto add = [&](std::string name, TensorRole role, std::array<std::int64_t, 4> dims) {
    weights.push_back({std::move(name), role, QuantId::kF32, dims});
  };
  const std::int64_t q_width = shape.heads * shape.head_dim;
  const std::int64_t kv_width = shape.kv_heads * shape.head_dim;
  add("token_embd.weight", shape.tied_head ? TensorRole::kTableMatrix : TensorRole::kTable,
      {shape.width, shape.vocab, 1, 1});
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    const auto vector = [&](std::string_view name, std::int64_t width) {
      add(fmt::format("blk.{}.{}", layer, name), TensorRole::kVector, {width, 1, 1, 1});
    };
    const auto matrix = [&](std::string_view name, std::int64_t in, std::int64_t out,
                            std::int64_t experts = 1) {
      add(fmt::format("blk.{}.{}.weight", layer, name), TensorRole::kMatrix, {in, out, experts, 1});
    };
    vector("attn_norm.weight", shape.width);
    matrix("attn_q", shape.width, q_width);
    matrix("attn_k", shape.width, kv_width);
    matrix("attn_v", shape.width, kv_width);
    if (shape.qkv_bias) {
      vector("attn_q.bias", q_width);
      vector("attn_k.bias", kv_width);
      vector("attn_v.bias", kv_width);
    }
    if (shape.qk_norm) {
      vector("attn_q_norm.weight", shape.head_dim);
      vector("attn_k_norm.weight", shape.head_dim);
    }
    matrix("attn_output", q_width, shape.width);
    vector("ffn_norm.weight", shape.width);
    if (shape.experts == 0) {
      matrix("ffn_gate", shape.width, shape.feed_forward);
      matrix("ffn_up", shape.width, shape.feed_forward);
      matrix("ffn_down", shape.feed_forward, shape.width);
    } else {
      matrix("ffn_gate_inp", shape.width, shape.experts);
      matrix("ffn_gate_exps", shape.width, shape.feed_forward, shape.experts);
      matrix("ffn_up_exps", shape.width, shape.feed_forward, shape.experts);
      matrix("ffn_down_exps", shape.feed_forward, shape.width, shape.experts);
    }
  }
  add("output_norm.weight", TensorRole::kVector, {shape.width, 1, 1, 1});
  if (!shape.tied_head) add("output.weight", TensorRole::kMatrix, {shape.width, shape.vocab, 1, 1});
  return weights;
}

std::vector<TensorDesc> WeightsIn(const GgufFile& file, const ModelShape& shape) {
  if (static_cast<std::uint64_t>(shape.layers) > file.tensors.size()) {
    Fail(
        fmt::format("key '{}.block_count' is {} but the file has only {} tensors; download the "
                    "file again, or convert the model anew",
                    shape.family, shape.layers, file.tensors.size()));
  }
  std::map<std::string, TensorDesc, std::less<>> expected;
  for (TensorDesc& weight : WeightsOf(shape)) {
    std::string name = weight.name;
    expected.emplace(std::move(name), std::move(weight));
  }
  std::vector<TensorDesc> weights;
  for (const GgufTensor& tensor : file.tensors) {
    const auto found = expected.find(tensor.name);
    if (found == expected.end()) {
      if (IsHarmless(tensor.name)) continue;
      Fail(
          fmt::format("tensor '{}' has no place in a model of the family {} as it is computed "
                      "here, so that results without it would be wrong; such models are not "
                      "supported",
                      tensor.name, shape.family));
    }
    CheckAgainst(found->second, tensor);
    weights.push_back(std::move(found->second));
    weights.back().format = tensor.format;
    expected.erase(found);
  }
  if (!expected.empty()) {
    Fail(fmt::format("tensor '{}' is missing; download the file again, or convert the model anew",
                     expected.begin()->first));
  }
  return weights;
}

}  // namespace inferometer
