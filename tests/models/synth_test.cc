// Synthetic models: the right tensors, the same bytes everywhere, and numbers that stay calm.
#include "models/synth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/sha256.h"
#include "models/model.h"
#include "models/quant/blocks.h"
#include "models/quant/mixture.h"
#include "models/synth_pool.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

std::string HashOf(const Model& model) {
  std::string hashes;
  for (std::size_t i = 0; i < model.tensors.size(); ++i) hashes += Sha256Hex(model.load(i));
  return Sha256Hex(hashes);
}

std::vector<float> Decoded(const Model& model, std::string_view name) {
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    const TensorDesc& desc = model.tensors[i];
    if (desc.name != name) continue;
    std::vector<float> weights(
        static_cast<std::size_t>(desc.dims[0] * desc.dims[1] * desc.dims[2]));
    FormatOf(desc.format).decode(model.load(i).data(), weights);
    return weights;
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

ModelShape Tiny(std::string_view name) {
  for (const ModelShape& shape : TinyShapes()) {
    if (shape.name == name) return shape;
  }
  throw Error(ExitCode::kUsage, "no such tiny shape");
}

TEST(ModelTensors, AreNamedAndOrderedAsInGgufFiles) {
  std::vector<std::string> names;
  for (const TensorDesc& desc : ModelTensors(Tiny("tiny-llama-3"), "q8_0")) {
    names.push_back(desc.name);
  }
  names.resize(13);
  EXPECT_THAT(names,
              testing::ElementsAre(
                  "output.weight", "output_norm.weight", "rope_freqs.weight", "token_embd.weight",
                  "blk.0.attn_k.weight", "blk.0.attn_norm.weight", "blk.0.attn_output.weight",
                  "blk.0.attn_q.weight", "blk.0.attn_v.weight", "blk.0.ffn_down.weight",
                  "blk.0.ffn_gate.weight", "blk.0.ffn_norm.weight", "blk.0.ffn_up.weight"));
}

TEST(ModelTensors, FamiliesHaveTheirOwn) {
  auto names = [](std::string_view shape) {
    std::set<std::string> set;
    for (const TensorDesc& desc : ModelTensors(Tiny(shape), "q8_0")) set.insert(desc.name);
    return set;
  };
  EXPECT_FALSE(names("tiny-llama").contains("output.weight"));
  EXPECT_FALSE(names("tiny-llama").contains("rope_freqs.weight"));
  EXPECT_TRUE(names("tiny-qwen2").contains("blk.1.attn_v.bias"));
  EXPECT_TRUE(names("tiny-qwen3").contains("blk.1.attn_k_norm.weight"));
  EXPECT_TRUE(names("tiny-qwen3moe").contains("blk.1.ffn_gate_inp.weight"));
  EXPECT_TRUE(names("tiny-qwen3moe").contains("blk.1.ffn_down_exps.weight"));
  EXPECT_FALSE(names("tiny-qwen3moe").contains("blk.1.ffn_down.weight"));
}

TEST(ModelTensors, RolesFollowUse) {
  std::map<std::string, TensorRole> roles;
  for (const TensorDesc& desc : ModelTensors(Tiny("tiny-llama"), "q4_0")) {
    roles[desc.name] = desc.role;
  }
  EXPECT_EQ(roles["token_embd.weight"], TensorRole::kTableMatrix);
  EXPECT_EQ(roles["output_norm.weight"], TensorRole::kVector);
  EXPECT_EQ(roles["blk.0.attn_q.weight"], TensorRole::kMatrix);
  for (const TensorDesc& desc : ModelTensors(Tiny("tiny-llama-3"), "q4_0")) {
    roles[desc.name] = desc.role;
  }
  EXPECT_EQ(roles["token_embd.weight"], TensorRole::kTable);
  EXPECT_EQ(roles["output.weight"], TensorRole::kMatrix);
}

TEST(Synthesize, BytesAreAsMany) {
  const Model model = SynthesizeModel(Tiny("tiny-qwen3moe"), "q4_k_m", 1);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    EXPECT_EQ(model.load(i).size(), ByteSize(model.tensors[i]));
    bytes += model.load(i).size();
  }
  EXPECT_EQ(model.bytes, bytes);
}

TEST(Synthesize, ThreadsDoNotChangeBytes) {
  ModelShape shape = Tiny("tiny-llama-3");
  shape.vocab = 20000;  // above the size from which threads are used
  shape.feed_forward = 8192;
  EXPECT_EQ(HashOf(SynthesizeModel(shape, "q4_k_m", 1, 1)),
            HashOf(SynthesizeModel(shape, "q4_k_m", 1, 4)));
}

TEST(Synthesize, SeedsChangeBytesAndOrderOfLoadingDoesNot) {
  const ModelShape shape = Tiny("tiny-llama");
  const Model model = SynthesizeModel(shape, "q8_0", 1);
  EXPECT_EQ(HashOf(model), HashOf(model));
  EXPECT_EQ(HashOf(model), HashOf(SynthesizeModel(shape, "q8_0", 1)));
  EXPECT_NE(HashOf(model), HashOf(SynthesizeModel(shape, "q8_0", 2)));
}

TEST(Synthesize, LayersDiffer) {
  const Model model = SynthesizeModel(Tiny("tiny-llama"), "q8_0", 1);
  EXPECT_NE(Decoded(model, "blk.0.attn_q.weight"), Decoded(model, "blk.1.attn_q.weight"));
}

// Frozen: the bytes are part of published results. Changing one needs a new suite version.
TEST(Synthesize, BytesAreTheSameOnEveryMachine) {
  const std::map<std::string, std::string> golden = {
      {"f32", "4503a252db89441e8ff70a05aafa438953456579a58d16372637a194a0bedc55"},
      {"f16", "0734e780b57319f154ac44eb2e194bf9472e792aad61ae5f547ab133c83810e4"},
      {"bf16", "a9d686bc7d05a4c4372dfbc928323ce784eaeb58940d177c7252d56ef7eb4c69"},
      {"q8_0", "3f8e7672fffe91e3f84a510c18d76837d76c224f4639edf6cdbb03c19c773b5b"},
      {"q4_0", "78bf4d2cf4704c63e1f6cd04b2fb94afcfe97e48e2d7bb2baa4ec0dbb1fe29f8"},
      {"q4_1", "98a4d2e2a562a8c3317bd247484b3580d72c94b99d0ac7fed149a153da6a30de"},
      {"q5_0", "e181c391d98edf2631b81d717e663033be619109a90eb129aab96990c2740952"},
      {"q5_1", "6848f5d57ef272f730749bebc03ee3ceacee37d8f64d6b4045bb22a250b47922"},
      {"q4_k", "99769e2ac1dc22d8f1a532a4b74787cb41e7fb9d035b3e534970292f0c024d90"},
      {"q5_k", "3cb9c6e5daeeb356bef0cc97502263e4c5ed61a8f77088accf016bfb7a711cab"},
      {"q6_k", "391e69747ce8210dd162597ce7e991a789aa154b534c76a6f7ebb2da7bd0eb76"},
      {"iq4_nl", "9f869d40349837581792cea3325d463ca8da1e83a4312ecd0241ae6c77215e44"},
      {"mxfp4", "c0f04be344f6604aa202cd4350ddae38d6d97ab0aa26124d8ecd5c72ae0c6710"},
      {"q4_k_m", "9dadc3544869e904c5a61c08fae182dcef408c9e843daf9697647850f9d40072"},
  };
  for (const std::string& quant : QuantNames()) {
    const auto found = golden.find(quant);
    const std::string hash = HashOf(SynthesizeModel(Tiny("tiny-qwen3moe"), quant, 42));
    if (found == golden.end()) {
      ADD_FAILURE() << "new quant, add {\"" << quant << "\", \"" << hash << "\"}";
    } else {
      EXPECT_EQ(hash, found->second) << quant;
    }
  }
  EXPECT_EQ(HashOf(SynthesizeModel(Tiny("tiny-llama-3"), "q4_0", 42)),
            "3202ba3f559e77eb816ab033648410098eec68fb401f29bc0e1ed2ebee5fbd93");
  EXPECT_EQ(HashOf(SynthesizeModel(Tiny("tiny-awkward"), "q5_k", 42)),
            "e5bbcfda9acc366d1d5843e384f7b42f052e7eba57fe1747119f03631fbbbae9");
}

// Products of a normed activation with a matrix have variance 1.
TEST(Synthesize, NormGainAndMatrixMakeUnitVariance) {
  for (const ModelShape& shape : TinyShapes()) {
    const Model model = SynthesizeModel(shape, "q8_0", 3);
    const std::vector<float> gain = Decoded(model, "blk.0.attn_norm.weight");
    const std::vector<float> matrix = Decoded(model, "blk.0.attn_q.weight");
    double power = 0;
    for (std::size_t i = 0; i < matrix.size(); ++i) {
      power += std::pow(static_cast<double>(matrix[i]) * gain[i % gain.size()], 2);
    }
    const std::size_t rows = matrix.size() / gain.size();
    EXPECT_NEAR(power / static_cast<double>(rows), 1, 0.1) << shape.name;
  }
}

// With no layers between, the logits after each token: the planted successor wins by far, and
// others have a standard deviation of about 1.
TEST(Synthesize, TheHeadNamesADefiniteSuccessor) {
  for (const ModelShape& shape : TinyShapes()) {
    for (const char* quant : {"q4_k_m", "q4_0", "f16"}) {
      SCOPED_TRACE(shape.name + " " + quant);
      const Model model = SynthesizeModel(shape, quant, 3);
      const std::vector<float> table = Decoded(model, "token_embd.weight");
      const std::vector<float> head = shape.tied_head ? table : Decoded(model, "output.weight");
      const std::vector<float> gain = Decoded(model, "output_norm.weight");
      const auto width = static_cast<std::size_t>(shape.width);
      const auto vocab = static_cast<std::size_t>(shape.vocab);
      std::set<std::size_t> successors;
      std::vector<double> others;
      for (std::size_t token = 0; token < vocab; ++token) {
        const float* row = &table[token * width];
        double power = 0;
        for (std::size_t i = 0; i < width; ++i) power += static_cast<double>(row[i]) * row[i];
        const double rms = std::sqrt(power / static_cast<double>(width));
        std::vector<double> logits(vocab);
        for (std::size_t u = 0; u < vocab; ++u) {
          double sum = 0;
          for (std::size_t i = 0; i < width; ++i) {
            sum += static_cast<double>(head[u * width + i]) * gain[i] * row[i];
          }
          logits[u] = sum / rms;
        }
        const auto best = std::max_element(logits.begin(), logits.end());
        successors.insert(static_cast<std::size_t>(best - logits.begin()));
        const double top = *best;
        *best = -1e9;
        const double second = *std::max_element(logits.begin(), logits.end());
        EXPECT_GT(top, 0.75 * std::sqrt(static_cast<double>(width)));
        EXPECT_LT(second, 0.7 * top);
        logits.erase(best);
        for (const double logit : logits) others.push_back(std::abs(logit));
      }
      EXPECT_EQ(successors.size(), vocab);  // every token follows some token
      // Half of a normal variable's values lie within 0.67 standard deviations; rows that share a
      // unit with the token (its partner, its expert pattern) score higher and are few.
      const auto middle = others.begin() + static_cast<std::ptrdiff_t>(others.size() / 2);
      std::nth_element(others.begin(), middle, others.end());
      EXPECT_GT(*middle, 0.55);
      EXPECT_LT(*middle, 1.1);
    }
  }
}

// Scores of the router for the bare embeddings: the used experts stand far above the rest.
TEST(Synthesize, TheRouterChoosesByAWideMargin) {
  const ModelShape shape = Tiny("tiny-qwen3moe");
  const Model model = SynthesizeModel(shape, "q4_k_m", 3);
  const std::vector<float> table = Decoded(model, "token_embd.weight");
  const std::vector<float> router = Decoded(model, "blk.1.ffn_gate_inp.weight");
  const std::vector<float> gain = Decoded(model, "blk.1.ffn_norm.weight");
  const auto width = static_cast<std::size_t>(shape.width);
  std::vector<int> uses(8);
  for (std::size_t token = 0; token < static_cast<std::size_t>(shape.vocab); ++token) {
    double power = 0;
    for (std::size_t i = 0; i < width; ++i) power += std::pow(table[token * width + i], 2);
    const double rms = std::sqrt(power / static_cast<double>(width));
    std::vector<std::pair<double, std::size_t>> scores(8);
    for (std::size_t e = 0; e < 8; ++e) {
      double sum = 0;
      for (std::size_t i = 0; i < width; ++i) {
        sum += static_cast<double>(router[e * width + i]) * gain[i] * table[token * width + i];
      }
      scores[e] = {sum / rms, e};
    }
    std::sort(scores.rbegin(), scores.rend());
    EXPECT_GT(scores[1].first, scores[2].first + 2) << token;
    ++uses[scores[0].second], ++uses[scores[1].second];
  }
  EXPECT_THAT(uses, testing::Each(80));  // 320 tokens, 2 of 8 each
}

// A subnormal scale would be flushed to zero by some GPUs.
TEST(Synthesize, BlockScalesAreNormalHalves) {
  constexpr std::uint16_t kSmallestNormal = 0x0400;
  for (const auto& [quant, offset] :
       {std::pair{"q4_0", 0}, {"q8_0", 0}, {"q4_k", 0}, {"q5_k", 0}, {"q6_k", 208}}) {
    const Format& format = *FindFormat(quant);
    const Pool pool(format.id, 256, 2048, 0.1875f, 11, 2);
    std::vector<std::byte> entry(pool.entry_bytes());
    for (std::int64_t i = 0; i < 2048; ++i) {
      pool.Copy(i, entry.data());
      for (std::size_t at = 0; at < entry.size(); at += format.block_bytes) {
        std::uint16_t d = 0;
        std::memcpy(&d, entry.data() + at + offset, sizeof(d));
        EXPECT_GE(d & 0x7fff, kSmallestNormal) << quant << " " << i;
      }
    }
  }
}

TEST(Synthesize, RopeDivisorsAreStored) {
  const ModelShape shape = Tiny("tiny-llama-3");
  EXPECT_EQ(Decoded(SynthesizeModel(shape, "q8_0", 1), "rope_freqs.weight"), RopeDivisors(shape));
}

TEST(Synthesize, RefusesUnknownQuantAndImpossibleShape) {
  EXPECT_THROW(SynthesizeModel(Tiny("tiny-llama"), "q9", 1), Error);
  ModelShape shape = Tiny("tiny-llama");
  shape.kv_heads = 3;
  EXPECT_THROW(SynthesizeModel(shape, "q8_0", 1), Error);
}

}  // namespace
}  // namespace inferometer
