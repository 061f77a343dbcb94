// Families: shapes survive the way through a file's keys, and what a family lacks is refused.
#include "models/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "models/gguf/gguf.h"
#include "models/synth.h"
#include "models/weights.h"
#include "tests/models/tiny_shape.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

// A file in memory with the keys and tensors of a shape; it has no bytes.
GgufFile FileOf(const ModelShape& shape) {
  GgufFile file;
  file.keys = KeysOf(shape);
  for (const TensorDesc& weight : ModelTensors(shape, "f32")) {
    file.tensors.push_back({weight.name, weight.format, weight.dims, 0, ByteSize(weight)});
  }
  return file;
}

void ExpectSame(const ModelShape& a, const ModelShape& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.family, b.family);
  EXPECT_EQ(a.layers, b.layers);
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.heads, b.heads);
  EXPECT_EQ(a.kv_heads, b.kv_heads);
  EXPECT_EQ(a.head_dim, b.head_dim);
  EXPECT_EQ(a.feed_forward, b.feed_forward);
  EXPECT_EQ(a.vocab, b.vocab);
  EXPECT_EQ(a.context, b.context);
  EXPECT_EQ(a.norm_eps, b.norm_eps);
  EXPECT_EQ(a.rope_base, b.rope_base);
  EXPECT_EQ(a.rope_dim, b.rope_dim);
  EXPECT_EQ(a.rope_style, b.rope_style);
  EXPECT_EQ(a.rope_divisors, b.rope_divisors);
  EXPECT_EQ(a.tied_head, b.tied_head);
  EXPECT_EQ(a.qkv_bias, b.qkv_bias);
  EXPECT_EQ(a.qk_norm, b.qk_norm);
  EXPECT_EQ(a.experts, b.experts);
  EXPECT_EQ(a.experts_used, b.experts_used);
}

class EveryFamily : public ::testing::TestWithParam<Family> {};

TEST_P(EveryFamily, ShapeSurvivesTheKeys) {
  ModelShape shape = TinyShape(GetParam().name);
  ExpectSame(ShapeOf(FileOf(shape)), shape);
  shape.tied_head = true;
  shape.head_dim = 24;  // heads * head_dim is not the width
  shape.rope_dim = 8;
  ExpectSame(ShapeOf(FileOf(shape)), shape);
}

TEST_P(EveryFamily, WeightsOfAFileAreThoseOfItsShape) {
  const ModelShape shape = TinyShape(GetParam().name);
  const std::vector<TensorDesc> weights = WeightsIn(FileOf(shape), shape);
  const std::vector<TensorDesc> expected = ModelTensors(shape, "f32");
  ASSERT_EQ(weights.size(), expected.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_EQ(weights[i].name, expected[i].name);
    EXPECT_EQ(weights[i].role, expected[i].role);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, EveryFamily, ::testing::ValuesIn(Families()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ShapeOf, TakesTheDefaultsOfTheSpecification) {
  ModelShape shape = TinyShape("llama");
  shape.kv_heads = shape.heads;
  GgufFile file = FileOf(shape);
  std::erase_if(file.keys, [](const GgufKey& key) {
    return key.name == "llama.attention.head_count_kv" ||
           key.name == "llama.attention.key_length" || key.name == "llama.attention.value_length" ||
           key.name == "llama.rope.dimension_count" || key.name == "llama.rope.freq_base" ||
           key.name == "llama.vocab_size" || key.name == "general.name";
  });
  shape.rope_base = 10000;
  shape.name = "";
  ExpectSame(ShapeOf(file), shape);
}

TEST(ShapeOf, LinearScalingDividesEveryFrequency) {
  const ModelShape shape = TinyShape("qwen2");
  GgufFile file = FileOf(shape);
  file.keys.push_back(
      {"qwen2.rope.scaling.type", GgufType::kString, std::string_view("linear"), 0});
  file.keys.push_back({"qwen2.rope.scaling.factor", GgufType::kFloat32, 4.0, 0});
  EXPECT_EQ(ShapeOf(file).rope_divisors, std::vector<float>(8, 4.0f));
}

TEST(ShapeOf, LlamaMayHaveBiases) {
  ModelShape shape = TinyShape("llama");
  shape.qkv_bias = true;
  EXPECT_TRUE(ShapeOf(FileOf(shape)).qkv_bias);
}

TEST(KeysOf, NamesTheKnownFamilies) {
  ModelShape shape = TinyShape("llama");
  shape.family = "mamba";
  try {
    KeysOf(shape);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Known: llama, qwen2, qwen3, qwen3moe"));
  }
}

TEST(ModelTensors, CountsWhatTheArchitecturesHave) {
  // Per layer: two norms, q k v o, gate up down; then table, norm, head.
  EXPECT_EQ(ModelTensors(TinyShape("llama"), "f32").size(), 2u * 9 + 3);
  EXPECT_EQ(ModelTensors(TinyShape("qwen2"), "f32").size(), 2u * 12 + 3);     // three biases
  EXPECT_EQ(ModelTensors(TinyShape("qwen3"), "f32").size(), 2u * 11 + 3);     // two norms
  EXPECT_EQ(ModelTensors(TinyShape("qwen3moe"), "f32").size(), 2u * 12 + 3);  // and a router
}

}  // namespace
}  // namespace inferometer
