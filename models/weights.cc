// The weights of a shape, by GGUF's names, and those of a file matched against them.
//
// Names and dimensions: src/llama-arch.cpp and src/llama-model.cpp of
// github.com/ggml-org/llama.cpp.
#include "models/weights.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "harness/base/error.h"
#include "models/families.h"
#include "models/synth.h"

namespace inferometer {
namespace {

[[noreturn]] void Fail(const std::string& message) {
  throw Error(ExitCode::kInvalidInput, message);
}

// Precomputed rotation frequencies of early conversions change nothing: llama.cpp skips them as
// well.
bool IsHarmless(std::string_view name) {
  return name.ends_with(".attn_rot_embd") || name.ends_with(".attn_rot_embd.weight");
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

std::vector<TensorDesc> WeightsIn(const GgufFile& file, const ModelShape& shape) {
  if (static_cast<std::uint64_t>(shape.layers) > file.tensors.size()) {
    Fail(
        fmt::format("key '{}.block_count' is {} but the file has only {} tensors; download the "
                    "file again, or convert the model anew",
                    shape.family, shape.layers, file.tensors.size()));
  }
  std::map<std::string, TensorDesc, std::less<>> expected;
  for (TensorDesc& weight : ModelTensors(shape, "f32")) {
    std::string name = weight.name;
    expected.emplace(std::move(name), std::move(weight));
  }
  // Optional, unlike all others: the shape says whether its content means anything.
  const std::string divisors(kRopeFreqsName);
  expected[divisors] = {
      divisors, TensorRole::kVector, QuantId::kF32, {shape.rope_dim / 2, 1, 1, 1}};
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
  expected.erase(divisors);
  if (!expected.empty()) {
    Fail(fmt::format("tensor '{}' is missing; download the file again, or convert the model anew",
                     expected.begin()->first));
  }
  return weights;
}

}  // namespace inferometer
