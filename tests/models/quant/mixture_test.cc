// Which tensors get which format, against llama.cpp's rules and against sizes of known files.
#include "models/quant/mixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "harness/base/error.h"
#include "models/model.h"
#include "models/synth.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

std::string FormatIn(const std::vector<TensorDesc>& tensors, std::string_view name) {
  for (const TensorDesc& desc : tensors) {
    if (desc.name == name) return std::string(FormatOf(desc.format).name);
  }
  return "absent";
}

double Megabytes(std::string_view model, std::string_view quant, bool decoded_token) {
  double bytes = 0;
  for (const TensorDesc& desc : ModelTensors(*FindShape(model), quant)) {
    if (decoded_token && desc.role == TensorRole::kTable) continue;  // one row of it only
    bytes += static_cast<double>(ByteSize(desc));
  }
  return bytes / 1e6;
}

// Megabytes of weights that a decoded token reads from GGUF files of these shapes made by
// ik_llama.cpp.
TEST(Mixture, BytesReadPerTokenAreThoseOfKnownFiles) {
  constexpr double kRounding = 0.06;
  EXPECT_NEAR(Megabytes("tinyllama-1.1b", "f16", true), 2069.2, kRounding);
  EXPECT_NEAR(Megabytes("tinyllama-1.1b", "q8_0", true), 1099.4, kRounding);
  EXPECT_NEAR(Megabytes("tinyllama-1.1b", "q6_k", true), 848.9, kRounding);
  EXPECT_NEAR(Megabytes("tinyllama-1.1b", "q4_0", true), 599.1, kRounding);
  EXPECT_NEAR(Megabytes("smollm2-135m", "f16", true), 269.1, kRounding);
  EXPECT_NEAR(Megabytes("smollm2-135m", "q8_0", true), 143.0, kRounding);
  EXPECT_NEAR(Megabytes("smollm2-135m", "q6_k", true), 136.6, kRounding);
  EXPECT_NEAR(Megabytes("smollm2-135m", "q4_k_m", true), 103.7, kRounding);
  EXPECT_NEAR(Megabytes("smollm2-135m", "q4_0", true), 89.9, kRounding);
}

// Sizes of published files. What stands before the tensors (keys, vocabulary) has the same length
// in each file of one series, so the difference between file and tensors is one constant.
TEST(Mixture, FileSizesAreThoseOfPublishedFiles) {
  auto tensors = [](std::string_view model, std::string_view quant) {
    return std::llround(Megabytes(model, quant, false) * 1e6);
  };
  // huggingface.co/TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF
  EXPECT_EQ(637699456 - tensors("tinyllama-1.1b", "q4_0"), 1709440);
  EXPECT_EQ(668788096 - tensors("tinyllama-1.1b", "q4_k_m"), 1709440);
  EXPECT_EQ(1170781568 - tensors("tinyllama-1.1b", "q8_0"), 1709440);
  // huggingface.co/bartowski/Llama-3.2-1B-Instruct-GGUF
  EXPECT_EQ(807694464 - tensors("llama-3.2-1b", "q4_k_m"), 7831552);
  EXPECT_EQ(1321083008 - tensors("llama-3.2-1b", "q8_0"), 7831552);
}

TEST(Mixture, MoreBitsInTheLayersThatMatter) {
  // 16 layers: the first two, the last two, and every third between.
  const auto tensors = ModelTensors(*FindShape("llama-3.2-1b"), "q4_k_m");
  for (int layer = 0; layer < 16; ++layer) {
    const bool more = layer < 2 || layer >= 14 || (layer - 2) % 3 == 2;
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    SCOPED_TRACE(prefix);
    EXPECT_EQ(FormatIn(tensors, prefix + "attn_v.weight"), more ? "q6_k" : "q4_k");
    EXPECT_EQ(FormatIn(tensors, prefix + "ffn_down.weight"), more ? "q6_k" : "q4_k");
    EXPECT_EQ(FormatIn(tensors, prefix + "attn_q.weight"), "q4_k");
    EXPECT_EQ(FormatIn(tensors, prefix + "ffn_gate.weight"), "q4_k");
    EXPECT_EQ(FormatIn(tensors, prefix + "attn_norm.weight"), "f32");
  }
  EXPECT_EQ(FormatIn(tensors, "token_embd.weight"), "q6_k");
  EXPECT_EQ(FormatIn(tensors, "rope_freqs.weight"), "f32");
}

TEST(Mixture, HeadAndTable) {
  const ModelShape& untied = *FindShape("llama-3.1-8b");
  for (const auto& [quant, table, head] : {std::tuple{"q4_0", "q4_0", "q6_k"},
                                           {"q4_k_m", "q4_k", "q6_k"},
                                           {"q8_0", "q8_0", "q8_0"},
                                           {"q5_1", "q5_1", "q6_k"},
                                           {"f16", "f16", "f16"},
                                           {"bf16", "bf16", "bf16"},
                                           {"f32", "f32", "f32"}}) {
    const auto tensors = ModelTensors(untied, quant);
    EXPECT_EQ(FormatIn(tensors, "token_embd.weight"), table) << quant;
    EXPECT_EQ(FormatIn(tensors, "output.weight"), head) << quant;
  }
}

TEST(Mixture, EightExperts) {
  ModelShape shape = TinyShapes()[4];
  ASSERT_EQ(shape.experts, 8);
  auto tensors = ModelTensors(shape, "q4_k_m");
  EXPECT_EQ(FormatIn(tensors, "blk.0.attn_v.weight"), "q8_0");
  EXPECT_EQ(FormatIn(tensors, "blk.0.attn_k.weight"), "q8_0");
  EXPECT_EQ(FormatIn(tensors, "blk.0.attn_output.weight"), "q5_k");
  EXPECT_EQ(FormatIn(tensors, "blk.0.ffn_gate_inp.weight"), "f32");
  EXPECT_EQ(FormatIn(tensors, "blk.0.ffn_gate_exps.weight"), "q4_k");
  EXPECT_EQ(FormatIn(tensors, "blk.1.ffn_down_exps.weight"), "q6_k");
  tensors = ModelTensors(shape, "q4_0");
  EXPECT_EQ(FormatIn(tensors, "blk.0.attn_v.weight"), "q8_0");
  EXPECT_EQ(FormatIn(tensors, "blk.0.attn_output.weight"), "q4_0");
  shape.experts = 16;
  EXPECT_EQ(FormatIn(ModelTensors(shape, "q4_0"), "blk.0.attn_v.weight"), "q4_0");
}

TEST(Mixture, FallsBackWhereRowsDoNotFit) {
  const ModelShape shape = TinyShapes()[5];
  ASSERT_EQ(shape.width, 96);
  EXPECT_EQ(FormatOfTensor("q4_k", shape, "blk.0.attn_q.weight", 96), QuantId::kQ5_0);
  EXPECT_EQ(FormatOfTensor("q5_k", shape, "blk.0.attn_q.weight", 96), QuantId::kQ5_1);
  EXPECT_EQ(FormatOfTensor("q6_k", shape, "blk.0.attn_q.weight", 96), QuantId::kQ8_0);
  EXPECT_EQ(FormatOfTensor("q4_k_m", shape, "output.weight", 96), QuantId::kQ8_0);
  EXPECT_EQ(FormatOfTensor("q4_0", shape, "output.weight", 96), QuantId::kQ8_0);
  EXPECT_EQ(FormatOfTensor("q4_0", shape, "blk.0.attn_q.weight", 100), QuantId::kF16);
  EXPECT_EQ(FormatOfTensor("q4_k_m", shape, "blk.0.attn_q.weight", 100), QuantId::kF16);
}

TEST(Mixture, UnknownQuantNamesTheNearest) {
  try {
    ModelTensors(TinyShapes()[0], "q4_km");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean 'q4_k"));
  }
}

}  // namespace
}  // namespace inferometer
