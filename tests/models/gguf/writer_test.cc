// Writing GGUF: what is written reads back, and failure leaves nothing behind.
#include "models/gguf/writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "harness/base/error.h"
#include "models/gguf/keys.h"
#include "models/gguf/reader.h"

namespace inferometer {
namespace {

class GgufWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    path_ = (folder_ / "model.gguf").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::size_t FileCount() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::filesystem::path folder_;
  std::string path_;
};

const std::vector<TensorDesc> kTensors = {
    {"odd", TensorRole::kVector, QuantId::kF32, {3, 1, 1, 1}},
    {"blocks", TensorRole::kMatrix, QuantId::kQ8_0, {64, 2, 3, 1}},
};

std::vector<std::byte> SomeBytes(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 1);
  return bytes;
}

TEST_F(GgufWriterTest, WhatIsWrittenReadsBack) {
  const auto odd = SomeBytes(12), blocks = SomeBytes(2 * 34 * 2 * 3);
  {
    GgufWriter writer(path_);
    writer.AddKey({"int8", GgufType::kInt8, std::int64_t{-5}, 0});
    writer.AddKey({"uint16", GgufType::kUint16, std::uint64_t{50000}, 0});
    writer.AddKey({"uint64", GgufType::kUint64, std::uint64_t{1} << 40, 0});
    writer.AddKey({"float64", GgufType::kFloat64, 0.1, 0});
    writer.AddKey({"bool", GgufType::kBool, true, 0});
    writer.AddString("text", "a \"b\"\n");
    writer.AddUint32("uint32", 7);
    writer.AddFloat32("float32", 0.5f);
    writer.AddStrings("strings", std::vector<std::string>{"x", "", "yz"});
    writer.AddFloats("floats", std::vector<float>{1, 2});
    writer.AddInts("ints", std::vector<std::int32_t>{-1});
    writer.Begin(kTensors);
    writer.WriteTensor(odd);
    writer.WriteTensor(blocks);
    writer.Commit();
  }
  const MappedFile mapped(path_);
  const GgufFile file = ReadGguf(mapped.bytes());
  EXPECT_EQ(file.keys.size(), 11u);
  EXPECT_EQ(RequiredInt(file, "int8", -10, 0), -5);
  EXPECT_EQ(RequiredInt(file, "uint16", 0, 65535), 50000);
  EXPECT_EQ(RequiredInt(file, "uint64", 0, std::int64_t{1} << 41), std::int64_t{1} << 40);
  EXPECT_EQ(RequiredInt(file, "uint32", 0, 9), 7);
  EXPECT_EQ(RequiredFloat(file, "float64", 0, 1), 0.1);
  EXPECT_EQ(RequiredFloat(file, "float32", 0, 1), 0.5);
  EXPECT_EQ(RequiredString(file, "text"), "a \"b\"\n");
  EXPECT_TRUE(std::get<bool>(FindKey(file, "bool")->value));
  EXPECT_EQ(std::get<GgufArray>(FindKey(file, "strings")->value).count, 3u);
  EXPECT_EQ(std::get<GgufArray>(FindKey(file, "floats")->value).bytes.size(), 8u);
  ASSERT_EQ(file.tensors.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const GgufTensor& tensor = file.tensors[i];
    EXPECT_EQ(tensor.name, kTensors[i].name);
    EXPECT_EQ(tensor.format, kTensors[i].format);
    EXPECT_EQ(tensor.dims, kTensors[i].dims);
    EXPECT_EQ(tensor.offset % kGgufDefaultAlignment, 0u);
    const auto data = DataOf(file, tensor);
    EXPECT_TRUE(std::ranges::equal(data, i == 0 ? odd : blocks));
  }
  EXPECT_EQ(mapped.bytes().size() % kGgufDefaultAlignment, 0u);
}

TEST_F(GgufWriterTest, NothingIsLeftWhenItIsAbandoned) {
  {
    GgufWriter writer(path_);
    writer.Begin(kTensors);
    writer.WriteTensor(SomeBytes(12));
  }
  EXPECT_EQ(FileCount(), 0u);
}

TEST_F(GgufWriterTest, RefusesToCommitAFileThatLacksTensors) {
  GgufWriter writer(path_);
  writer.Begin(kTensors);
  writer.WriteTensor(SomeBytes(12));
  EXPECT_THROW(writer.Commit(), Error);
}

TEST_F(GgufWriterTest, RefusesDataOfAnotherSize) {
  GgufWriter writer(path_);
  writer.Begin(kTensors);
  EXPECT_THROW(writer.WriteTensor(SomeBytes(16)), Error);
}

TEST_F(GgufWriterTest, NamesThePlaceThatIsNotWritable) {
  try {
    GgufWriter writer((folder_ / "missing" / "model.gguf").string());
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos);
  }
}

}  // namespace
}  // namespace inferometer
