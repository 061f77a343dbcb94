// Reading GGUF: sound files give what they hold, every malformed one a clear error.
#include "models/gguf/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "harness/base/error.h"
#include "models/gguf/keys.h"
#include "tests/models/gguf/malformed.h"
#include "tests/models/gguf/raw_gguf.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

std::span<const std::byte> AsBytes(const std::string& bytes) {
  return std::as_bytes(std::span(bytes.data(), bytes.size()));
}

TEST(ReadGguf, GivesTensorsTheirDimensionsAndBytes) {
  RawGguf raw = TinyLlama();
  RawTensor& norm = raw.Tensor("output_norm.weight");
  raw.data.replace(norm.offset, 4, Field(1.5f));
  const std::string bytes = raw.Bytes();
  const GgufFile file = ReadGguf(AsBytes(bytes));
  EXPECT_EQ(file.version, 3u);
  EXPECT_EQ(file.alignment, 32u);
  ASSERT_EQ(file.tensors.size(), 11u);
  const GgufTensor* down = FindTensor(file, "blk.0.ffn_down.weight");
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->dims, (std::array<std::int64_t, 4>{64, 32, 1, 1}));
  EXPECT_EQ(down->size, 64u * 32u * 4u);
  const GgufTensor* found = FindTensor(file, "output_norm.weight");
  ASSERT_NE(found, nullptr);
  float first = 0;
  std::memcpy(&first, DataOf(file, *found).data(), sizeof first);
  EXPECT_EQ(first, 1.5f);
  EXPECT_EQ(DataOf(file, *found).size(), 128u);
}

TEST(ReadGguf, ReadsVersion2) {
  RawGguf raw = TinyLlama();
  raw.version = 2;
  EXPECT_NO_THROW(ParseAll(raw.Bytes()));
}

TEST(ReadGguf, TakesAnotherAlignment) {
  RawGguf raw = TinyLlama();
  raw.SetKey("general.alignment", Uint32Value(8));
  EXPECT_EQ(ReadGguf(AsBytes(raw.Bytes())).alignment, 8u);
}

TEST(ReadGguf, WidensIntegersOfEveryWidth) {
  RawGguf raw = TinyLlama();
  raw.SetKey("a", Field(GgufType::kUint8) + Field(std::uint8_t{200}));
  raw.SetKey("b", Field(GgufType::kInt8) + Field(std::int8_t{-3}));
  raw.SetKey("c", Field(GgufType::kUint16) + Field(std::uint16_t{60000}));
  raw.SetKey("d", Field(GgufType::kInt16) + Field(std::int16_t{-30000}));
  raw.SetKey("e", Field(GgufType::kUint64) + Field(std::uint64_t{1} << 40));
  raw.SetKey("f", Field(GgufType::kInt64) + Field(-(std::int64_t{1} << 40)));
  raw.SetKey("g", Field(GgufType::kFloat64) + Field(0.1));
  const std::string bytes = raw.Bytes();
  const GgufFile file = ReadGguf(AsBytes(bytes));
  constexpr std::int64_t kMost = std::int64_t{1} << 50;
  EXPECT_EQ(RequiredInt(file, "a", -kMost, kMost), 200);
  EXPECT_EQ(RequiredInt(file, "b", -kMost, kMost), -3);
  EXPECT_EQ(RequiredInt(file, "c", -kMost, kMost), 60000);
  EXPECT_EQ(RequiredInt(file, "d", -kMost, kMost), -30000);
  EXPECT_EQ(RequiredInt(file, "e", -kMost, kMost), std::int64_t{1} << 40);
  EXPECT_EQ(RequiredInt(file, "f", -kMost, kMost), -(std::int64_t{1} << 40));
  EXPECT_EQ(RequiredFloat(file, "g", 0, 1), 0.1);
  EXPECT_EQ(OptionalInt(file, "h", 0, 1), std::nullopt);
}

TEST(ReadGguf, RefusesAnIntegerAboveTheSignedRange) {
  RawGguf raw = TinyLlama();
  raw.SetKey("a", Field(GgufType::kUint64) + Field(std::uint64_t{1} << 63));
  const std::string bytes = raw.Bytes();
  const GgufFile file = ReadGguf(AsBytes(bytes));
  EXPECT_THROW(RequiredInt(file, "a", std::numeric_limits<std::int64_t>::min(),
                           std::numeric_limits<std::int64_t>::max()),
               Error);
}

class MalformedFile : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedFile, GivesAClearError) {
  try {
    ParseAll(GetParam().bytes);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().error));
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, MalformedFile, ::testing::ValuesIn(MalformedFiles()),
                         [](const auto& test) { return test.param.name; });

TEST(HostileGguf, EveryTruncationIsAnError) {
  const std::string bytes = TinyLlama().Bytes();
  for (std::size_t size = 0; size < bytes.size(); size += size < 1500 ? 1 : 97) {
    EXPECT_THROW(ParseAll(bytes.substr(0, size)), Error) << size;
  }
}

// Whatever one byte of the header says, the file is read or refused; under the sanitizers this
// would find a read outside the file or an overflow.
TEST(HostileGguf, NoSingleByteDoesHarm) {
  const std::string sound = TinyLlama().Bytes();
  const std::size_t header = sound.size() - TinyLlama().data.size();
  int refused = 0;
  for (std::size_t i = 0; i < header; ++i) {
    for (const char byte : {'\x00', '\x01', '\x7f', '\x80', '\xff'}) {
      std::string bytes = sound;
      bytes[i] = byte;
      try {
        ParseAll(bytes);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace inferometer
