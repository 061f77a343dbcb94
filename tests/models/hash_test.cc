// The identity of a model: fixed by its weights, changed by any of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "harness/base/error.h"
#include "harness/base/sha256.h"
#include "models/model.h"
#include "tests/models/tiny_shape.h"

namespace inferometer {
namespace {

TEST(HashModel, IsTheDocumentedSumOfLines) {
  Model model;
  model.shape = TinyShape("llama");
  model.tensors = {{"b", TensorRole::kVector, QuantId::kF32, {2, 1, 1, 1}},
                   {"a", TensorRole::kMatrix, QuantId::kF16, {2, 3, 1, 1}}};
  const std::string bytes[] = {"01234567", "0123456789ab"};
  model.load = [&](std::size_t i) {
    return std::as_bytes(std::span(bytes[i].data(), bytes[i].size()));
  };
  EXPECT_EQ(HashModel(model), Sha256Hex("a f16 2x3x1x1 " + Sha256Hex(bytes[1]) +
                                        "\nb f32 2x1x1x1 " + Sha256Hex(bytes[0]) + "\n"));
}

TEST(HashModel, DoesNotDependOnTheOrderOfTensors) {
  const Model model = SynthesizeModel(TinyShape("qwen2"), "q8_0", 1);
  Model reversed = model;
  std::reverse(reversed.tensors.begin(), reversed.tensors.end());
  const std::size_t last = model.tensors.size() - 1;
  reversed.load = [&](std::size_t i) { return model.load(last - i); };
  EXPECT_EQ(HashModel(reversed), HashModel(model));
}

TEST(HashModel, ChangesWithOneBitANameOrADimension) {
  const Model model = SynthesizeModel(TinyShape("llama"), "q8_0", 1);
  const std::string hash = HashModel(model);
  EXPECT_EQ(HashModel(model), hash);

  Model bit = model;
  bit.load = [&](std::size_t i) {
    static std::vector<std::byte> buffer;
    const auto data = model.load(i);
    buffer.assign(data.begin(), data.end());
    if (i == 7) buffer.back() ^= std::byte{1};
    return std::span<const std::byte>(buffer);
  };
  EXPECT_NE(HashModel(bit), hash);

  Model name = model;
  name.tensors[3].name += "x";
  EXPECT_NE(HashModel(name), hash);

  Model dims = model;
  std::swap(dims.tensors[0].dims[0], dims.tensors[0].dims[1]);
  EXPECT_NE(HashModel(dims), hash);
}

TEST(HashModel, PassesOnAFailureToLoad) {
  Model model = SynthesizeModel(TinyShape("llama"), "q8_0", 1);
  const auto load = model.load;
  model.load = [load](std::size_t i) {
    if (i == 5) throw Error(ExitCode::kRunFailed, "gone");
    return load(i);
  };
  EXPECT_THROW(HashModel(model), Error);
}

}  // namespace
}  // namespace inferometer
