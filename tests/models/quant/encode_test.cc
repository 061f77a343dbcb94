// Encoders: small errors, exact where exactness is possible, sane on hostile values.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/nmse.h"
#include "harness/base/random.h"
#include "models/quant/blocks.h"
#include "models/quant/formats.h"

namespace inferometer {

// GoogleTest would print the bytes, pointers included, into the names of the tests.
void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

namespace {

std::vector<std::byte> Encode(const Format& format, const std::vector<float>& weights) {
  std::vector<std::byte> bytes(RowBytes(format.id, weights.size()));
  format.encode(weights, bytes.data());
  return bytes;
}

std::vector<float> RoundTrip(const Format& format, const std::vector<float>& weights) {
  const std::vector<std::byte> bytes = Encode(format, weights);
  std::vector<float> decoded(weights.size());
  format.decode(bytes.data(), decoded);
  return decoded;
}

constexpr std::int8_t kIQ4_NLValues[] = {QUANT_IQ4_NL_VALUES};
constexpr std::int8_t kMXFP4Values[] = {QUANT_MXFP4_VALUES};

class EveryFormat : public testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat,
                         testing::ValuesIn(Formats().begin(), Formats().end()),
                         [](const auto& suite) { return std::string(suite.param.name); });

// Root mean square errors on normal data of variance 1. The limits are what ggml's own encoders
// show (gguf 0.19 for the 32-blocks: q4_0 0.0860, q4_1 0.0782, q5_0 0.0427, q5_1 0.0379, q8_0
// 0.0053; of mxfp4 0.1150) with one per cent of room; for k-quants and tables, what this search
// reaches.
double LimitOf(QuantId id) {
  switch (id) {
    case QuantId::kF32:
      return 0;
    case QuantId::kF16:
      return 0.00022;
    case QuantId::kBF16:
      return 0.0017;
    case QuantId::kQ8_0:
      return 0.0054;
    case QuantId::kQ4_0:
      return 0.0868;
    case QuantId::kQ4_1:
      return 0.0790;
    case QuantId::kQ5_0:
      return 0.0431;
    case QuantId::kQ5_1:
      return 0.0383;
    case QuantId::kQ4_K:
      return 0.0706;
    case QuantId::kQ5_K:
      return 0.0350;
    case QuantId::kQ6_K:
      return 0.0175;
    case QuantId::kIQ4_NL:
      return 0.0735;
    case QuantId::kMXFP4:
      return 0.1118;
  }
  return 0;
}

// Normal by twelve uniforms, so that the tails reach beyond Random::Normal's 3 sigma.
std::vector<float> NormalData(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    value = (random.Normal() + random.Normal() + random.Normal() + random.Normal()) * 0.5f;
  }
  return values;
}

TEST_P(EveryFormat, ErrorOnNormalDataIsSmall) {
  const std::vector<float> weights = NormalData(256 * 400, 7);
  const double rmse = std::sqrt(Nmse(weights, RoundTrip(GetParam(), weights)));
  EXPECT_LE(rmse, LimitOf(GetParam().id));
}

TEST_P(EveryFormat, ScaleOfTheDataDoesNotMatter) {
  std::vector<float> weights = NormalData(256 * 40, 9);
  for (float& weight : weights) weight *= 0.02f;
  const double rmse = std::sqrt(Nmse(weights, RoundTrip(GetParam(), weights)));
  EXPECT_LE(rmse, LimitOf(GetParam().id) * 1.1);
}

TEST_P(EveryFormat, ZerosStayZeros) {
  const std::vector<float> zeros(512, 0.0f);
  EXPECT_EQ(RoundTrip(GetParam(), zeros), zeros);
}

TEST_P(EveryFormat, AnOutlierSurvives) {
  std::vector<float> weights(256, 0.0f);
  weights[77] = -5;
  const std::vector<float> decoded = RoundTrip(GetParam(), weights);
  // mxfp4 has no 5, only 4 and 6 times a power of two; iq4_nl has no 0, only -5 / -127.
  EXPECT_NEAR(decoded[77], -5, GetParam().id == QuantId::kMXFP4 ? 1 : 0.02);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i == 77) continue;
    EXPECT_NEAR(decoded[i], 0, GetParam().id == QuantId::kIQ4_NL ? 0.04 : 0.02) << i;
  }
}

TEST_P(EveryFormat, ConstantBlocksOfEitherSignSurvive) {
  for (const float value : {1.0f, -1.0f}) {
    for (const float weight : RoundTrip(GetParam(), std::vector<float>(256, value))) {
      EXPECT_NEAR(weight, value, 0.01);
    }
  }
}

TEST_P(EveryFormat, IsDeterministicAndBlockByBlock) {
  const std::vector<float> weights = NormalData(512, 3);
  const std::vector<std::byte> whole = Encode(GetParam(), weights);
  std::vector<std::byte> halves = Encode(GetParam(), {weights.begin(), weights.begin() + 256});
  const std::vector<std::byte> second = Encode(GetParam(), {weights.begin() + 256, weights.end()});
  halves.insert(halves.end(), second.begin(), second.end());
  EXPECT_EQ(whole, halves);
}

// Numbers that no model should hold must not be undefined behaviour (run under UBSan).
TEST_P(EveryFormat, HostileNumbersAreEncodedSomehow) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  for (const float hostile : {inf, -inf, nan, 3e38f, -3e38f, 1e-45f, -0.0f}) {
    std::vector<float> weights = NormalData(256, 5);
    weights[100] = hostile;
    RoundTrip(GetParam(), weights);
    RoundTrip(GetParam(), std::vector<float>(256, hostile));
  }
}

// What a block can hold exactly, with every scale and code range used to its end, comes back
// exactly.
TEST_P(EveryFormat, RepresentableValuesAreKept) {
  const Format& format = GetParam();
  std::vector<float> weights(256);
  for (int i = 0; i < 256; ++i) {
    const int in_block = i % 32, group = i / 32, tail = i % 16, sixteen = i / 16;
    double value = 0;
    switch (format.id) {
      case QuantId::kF32:
      case QuantId::kF16:
      case QuantId::kBF16:
        value = (i - 128) / 128.0;
        break;
      case QuantId::kQ8_0:
        value = 0.25 * (in_block * 8 - 127);
        break;
      case QuantId::kQ4_0:
        value = 0.25 * (in_block % 16 - 8);
        break;
      case QuantId::kQ4_1:
        value = 0.25 * (in_block % 16) - 1.5;
        break;
      case QuantId::kQ5_0:
        value = 0.25 * (in_block - 16);
        break;
      case QuantId::kQ5_1:
        value = 0.25 * in_block - 1.5;
        break;
      // Scale 63 - group, min 63 - 7 * group of 1/8 and 1/4.
      case QuantId::kQ4_K:
        value = 0.125 * (63 - group) * (in_block % 16) - 0.25 * (63 - 7 * group);
        break;
      case QuantId::kQ5_K:
        value = 0.125 * (63 - group) * in_block - 0.25 * (63 - 7 * group);
        break;
      // Scale -128 + 8 * group of 16; codes -32 to 28 in fours.
      case QuantId::kQ6_K:
        value = 0.125 * (8 * sixteen - 128) * (tail * 4 - 32);
        break;
      case QuantId::kIQ4_NL:
        value = 0.25 * kIQ4_NLValues[in_block % 16];
        break;
      case QuantId::kMXFP4:
        value = std::ldexp(kMXFP4Values[in_block % 16], group - 4);
        break;
    }
    weights[static_cast<std::size_t>(i)] = static_cast<float>(value);
  }
  EXPECT_EQ(RoundTrip(format, weights), weights);
}

TEST(Formats, TableIsConsistent) {
  for (const Format& format : Formats()) {
    EXPECT_EQ(FindFormat(format.name), &FormatOf(format.id));
    EXPECT_EQ(FindGgufType(format.gguf_type), &FormatOf(format.id));
    EXPECT_EQ(RowBytes(format.id, 512), 512 / format.block_weights * format.block_bytes);
    EXPECT_GT(format.matmul_nmse, 0);
    EXPECT_GE(format.model_nmse, format.matmul_nmse);
  }
  EXPECT_EQ(FindFormat("q4_2"), nullptr);
  EXPECT_EQ(FindGgufType(4), nullptr);  // q4_2, long gone from ggml
  EXPECT_THROW(RowBytes(QuantId::kQ6_K, 288), Error);
}

}  // namespace
}  // namespace inferometer
