// Decoders against blocks decoded by another program, and against blocks worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/sha256.h"
#include "models/quant/blocks.h"
#include "models/quant/formats.h"

namespace inferometer {
namespace {

using ::testing::Each;

template <typename Block>
std::vector<float> Decode(QuantId id, const Block& block) {
  std::vector<std::byte> bytes(sizeof(Block));
  std::memcpy(bytes.data(), &block, sizeof(Block));
  std::vector<float> weights(FormatOf(id).block_weights);
  FormatOf(id).decode(bytes.data(), weights);
  return weights;
}

// Random blocks with scale 0.0137 and offset -0.219 in binary16, decoded by gguf.quants.dequantize
// of the PyPI package gguf 0.19.0 (numpy): some weights, and the SHA-256 of all as float32.
struct Vector {
  const char* format;
  const char* block_hex;
  std::vector<std::pair<std::size_t, float>> weights;
  const char* sha256;
};

const std::vector<Vector>& Vectors() {
  static const std::vector<Vector> vectors = {
      {"bf16",
       "513f76bfe83f3f3f84bf83bf0bbfc73ffe3f54bf1fbfa83f003fe33f6dbf8dbf",
       {{0, 0x1.a200000000000p-1f},
        {3, 0x1.7e00000000000p-1f},
        {6, -0x1.1600000000000p-1f},
        {9, -0x1.a800000000000p-1f},
        {12, 0x1.0000000000000p-1f},
        {15, -0x1.1a00000000000p+0f}},
       "c9caf779272bbcc3cb7c6bd92734f6c3d6fda737fced5f957020a4a3db117a55"},
      {"q8_0",
       "0423bca1313ad6a4769c789bc332971c8ce44b168920f186a317fcdba52dec4c7246",
       {{0, -0x1.dd10000000000p-1f},
        {1, -0x1.4d3e000000000p+0f},
        {5, -0x1.42b8000000000p+0f},
        {15, -0x1.88e0000000000p-2f},
        {16, 0x1.0716000000000p+0f},
        {17, 0x1.34b0000000000p-2f},
        {31, 0x1.eb18000000000p-1f}},
       "fc7104999ceca81b86e4b0eb1d154dbb4f9d0b016e681ceebf5a3efc4a217e64"},
      {"q4_0",
       "04232172ce7de7b63231467f919c7091d4b1",
       {{0, -0x1.88e0000000000p-4f},
        {1, -0x1.50c0000000000p-4f},
        {5, -0x1.c100000000000p-6f},
        {15, -0x1.88e0000000000p-4f},
        {16, -0x1.50c0000000000p-4f},
        {17, -0x1.c100000000000p-7f},
        {31, 0x1.50c0000000000p-5f}},
       "17f8395d6709c928465db3fe67fb050e2f87e19b3906763429939b30ad647a87"},
      {"q4_1",
       "042302b3b259b110616d6cfda14e99b7a2f536fc",
       {{0, -0x1.8860000000000p-3f},
        {1, -0x1.87e0000000000p-4f},
        {5, -0x1.4ec0000000000p-5f},
        {15, -0x1.bf00000000000p-5f},
        {16, -0x1.17a0000000000p-4f},
        {17, -0x1.3430000000000p-3f},
        {31, -0x1.b900000000000p-7f}},
       "5ac0e5fe9f061e4ac139175b3de8e6aac98e46823b8e0adfea7c4a19548a38db"},
      {"q5_0",
       "042309328460165cb852b46b7ac2a330a463ae8cab8d",
       {{0, 0x1.50c0000000000p-4f},
        {1, -0x1.c100000000000p-5f},
        {5, -0x1.18a0000000000p-4f},
        {15, -0x1.50c0000000000p-5f},
        {16, -0x1.a4f0000000000p-3f},
        {17, -0x1.34b0000000000p-3f},
        {31, -0x1.c100000000000p-4f}},
       "ab8da6f6d2c3679684182d28887ff2f46a43a9a5fc9fa5411ee7e4e203ae2d2a"},
      {"q5_1",
       "042302b3ecb9b15371a1aaf1d2dedd1092ed491e95fcbce2",
       {{0, -0x1.a470000000000p-3f},
        {1, -0x1.a470000000000p-3f},
        {5, 0x1.8960000000000p-3f},
        {15, 0x1.c500000000000p-6f},
        {16, 0x1.89e0000000000p-4f},
        {17, -0x1.4fc0000000000p-4f},
        {31, -0x1.bd00000000000p-6f}},
       "e5df839bf09d8c173e373af352e23167b7094bf9fffd0458752a03df5a0aae45"},
      {"q4_k",
       "042302b37c565fc872f69f20cfef31809f1e2ab12fdf8de5fe928eddbd07d61f4424f1c87a4d7f3104ccf5"
       "eb9fc32498c88a768af520ebbba2b10cb7b0be60ddf110cfa9dbb1558279dd8393ef54f99bf8769105e8d9"
       "109c95a6af78630f9ed1620888b426efa93f641be36d48862dea9e9d83585a4d3dc8b223393f4a6d616192"
       "569be27bb69f6cb9cae8a1b87160bb",
       {{0, 0x1.7482800000000p+4f},
        {1, 0x1.675b000000000p+4f},
        {31, 0x1.186e000000000p+4f},
        {32, 0x1.d13d800000000p+3f},
        {63, 0x1.d13d800000000p+3f},
        {64, 0x1.45fc000000000p+3f},
        {100, 0x1.14de000000000p+3f},
        {127, 0x1.ffa4000000000p+2f},
        {128, 0x1.30f6000000000p+3f},
        {129, 0x1.15c6800000000p+3f},
        {160, 0x1.3f30200000000p+4f},
        {200, 0x1.042e800000000p+3f},
        {223, 0x1.4744c00000000p+3f},
        {255, 0x1.1f94000000000p+3f}},
       "8da5482ecbd9c370832ee4e47c5e69f4b7f0eec5776d04c216f0db45c0f32f23"},
      {"q5_k",
       "042302b3507d06cc93e6a46b8ed8dc679b5f49318227a712199431e0341d6efc08f838b84905fe1694424b"
       "275b8a9203bbc3eae6dc1b328d47202cabc9212fdbd5bdfa7a584679d70e8248598fcf5ed7f282bf414187"
       "030a55a53a8b13cb664c8f1fd9707484456df264feb85e0e27cc5585af427eda1c4841529ffaf41c4dd44f"
       "26f0549f69608e739556fc952a67f956e66a058ccc82cafe0a0aa9e1bed27cf036ab7d0c1e3fad851ebe99"
       "b324bec8",
       {{0, 0x1.4292000000000p+3f},
        {1, 0x1.0a72000000000p+3f},
        {31, 0x1.2682000000000p+3f},
        {32, 0x1.ee3be00000000p+4f},
        {63, 0x1.047d900000000p+5f},
        {64, 0x1.018b000000000p+3f},
        {100, 0x1.4262000000000p+3f},
        {127, 0x1.6c7a000000000p+3f},
        {128, 0x1.1646c00000000p+4f},
        {129, 0x1.1646c00000000p+4f},
        {160, 0x1.e018000000000p+3f},
        {200, 0x1.8504000000000p+3f},
        {223, 0x1.6572000000000p+3f},
        {255, 0x1.bb91000000000p+3f}},
       "94c54d2c3e99046c589dc967fa3e1f517de022da30492bec5008caa59d202b4c"},
      {"q6_k",
       "a25377b5ff67eb1eed4af9e9c85a3b8b16df1d4412d043b45904b60bd2c29b5cddb82ce9738f7edba25068"
       "d66857551b9ac4a9d04aefb08daea83d303a099d3094f20c3659ea2e0cacd626a74d08ff46ca28498230a6"
       "5ff2318ba4b202ad1e9b829f4a1c856479fb8771d0d6f3ca0e9a1ef423edd6e9ccc7396cdb1c20bf410f9a"
       "fca66ad0f4dbfb4d4c9e625dd1b5e969d1312fd775d5a6635a99bebe3d00a24f0280cf8fd570bc78e1c159"
       "6c40f90779fc4a66fc89f6eb5dc11019b1d64eb3530fd386583d7c714d787734a3b950810423",
       {{0, 0x1.2326000000000p+1f},
        {1, -0x1.07da700000000p+5f},
        {31, 0x1.3bb4000000000p+1f},
        {32, -0x1.0082400000000p+3f},
        {63, 0x1.abf4000000000p+5f},
        {64, -0x1.cf08000000000p+2f},
        {100, 0x1.38a2400000000p+5f},
        {127, 0x1.2949800000000p+2f},
        {128, 0x1.51a0800000000p+4f},
        {129, 0x1.0e1a000000000p+1f},
        {160, 0x1.d59bc00000000p+4f},
        {200, -0x1.090f200000000p+5f},
        {223, -0x1.8525e00000000p+4f},
        {255, -0x0.0p+0f}},
       "f857abac1c20a463b6c2355e520ff435a555e60f60389dc0a724e5b7b07ea965"},
      {"iq4_nl",
       "04234ecc402210fae920677a0dcc8aacd07f",
       {{0, 0x1.3832000000000p+0f},
        {1, 0x1.73d4000000000p-1f},
        {5, 0x1.5ec8000000000p-2f},
        {15, 0x1.8c62000000000p+0f},
        {16, -0x1.57c4000000000p-1f},
        {17, 0x1.73d4000000000p-1f},
        {31, -0x1.18a0000000000p-3f}},
       "17be832264235c7df5223a85d62ab3fd9f04c2733a6864300b99389df3956e57"},
      {"mxfp4",  // scale 2^-7
       "797c640c97decbfb99d3eb50b6b0295807",
       {{0, -0x1.0000000000000p-5f},
        {1, 0x1.0000000000000p-5f},
        {5, -0x1.8000000000000p-6f},
        {15, 0x1.8000000000000p-4f},
        {16, 0x1.8000000000000p-4f},
        {17, 0x1.0000000000000p-4f},
        {31, 0x0.0p+0f}},
       "d047b98cb7ff3771a85ee474154696b466a291acfef98e202ce48af40c3d5761"},
  };
  return vectors;
}

TEST(Decode, AgreesBitForBitWithAnotherDecoder) {
  for (const Vector& vector : Vectors()) {
    SCOPED_TRACE(vector.format);
    const Format* format = FindFormat(vector.format);
    ASSERT_NE(format, nullptr);
    const std::string hex = vector.block_hex;
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    ASSERT_EQ(bytes.size() % format->block_bytes, 0u);
    std::vector<float> weights(bytes.size() / format->block_bytes * format->block_weights);
    format->decode(bytes.data(), weights);
    for (const auto& [index, weight] : vector.weights) EXPECT_EQ(weights[index], weight) << index;
    EXPECT_EQ(Sha256Hex(std::as_bytes(std::span(weights))), vector.sha256);
  }
}

// 0x3800 is 0.5, 0xbc00 is -1, 0x4000 is 2 in binary16.
TEST(Decode, Q8_0ByHand) {
  BlockQ8_0 block{0x3800, {}};
  block.qs[0] = -128, block.qs[31] = 127;
  const std::vector<float> weights = Decode(QuantId::kQ8_0, block);
  EXPECT_EQ(weights[0], -64);
  EXPECT_EQ(weights[1], 0);
  EXPECT_EQ(weights[31], 63.5);
}

TEST(Decode, Q4ByHand) {
  BlockQ4_0 q4_0{0x3800, {}};
  q4_0.qs[3] = 0xf1;  // weight 3: 1, weight 19: 15
  const std::vector<float> w0 = Decode(QuantId::kQ4_0, q4_0);
  EXPECT_EQ(w0[3], -3.5);
  EXPECT_EQ(w0[19], 3.5);
  EXPECT_EQ(w0[0], -4);
  BlockQ4_1 q4_1{0x3800, 0xbc00, {}};
  q4_1.qs[3] = 0xf1;
  const std::vector<float> w1 = Decode(QuantId::kQ4_1, q4_1);
  EXPECT_EQ(w1[3], -0.5);
  EXPECT_EQ(w1[19], 6.5);
  EXPECT_EQ(w1[0], -1);
}

TEST(Decode, Q5ByHand) {
  BlockQ5_0 q5_0{0x3800, {}, {}};
  q5_0.qs[3] = 0xf1, q5_0.qh[19 / 8] = 1 << 19 % 8;  // weight 3: 1, weight 19: 31
  const std::vector<float> w0 = Decode(QuantId::kQ5_0, q5_0);
  EXPECT_EQ(w0[3], -7.5);
  EXPECT_EQ(w0[19], 7.5);
  BlockQ5_1 q5_1{0x3800, 0xbc00, {}, {}};
  q5_1.qs[3] = 0xf1, q5_1.qh[19 / 8] = 1 << 19 % 8;
  const std::vector<float> w1 = Decode(QuantId::kQ5_1, q5_1);
  EXPECT_EQ(w1[3], -0.5);
  EXPECT_EQ(w1[19], 14.5);
}

// Group 1: scale 3, min 5; group 6: scale 4 + 16 * 2 = 36, min 9 + 16 * 1 = 25.
TEST(Decode, Q4_KAndQ5_KByHand) {
  BlockQ4_K q4_k{0x3800, 0x4000, {}, {}};
  q4_k.scales[1] = 3, q4_k.scales[5] = 5;
  q4_k.scales[10] = 0x94, q4_k.scales[2] = 2 << 6, q4_k.scales[6] = 1 << 6;
  q4_k.qs[7] = 0x20;           // weight 39, group 1: 2
  q4_k.qs[3 * 32 + 7] = 0x0b;  // weight 199, group 6: 11
  std::vector<float> w = Decode(QuantId::kQ4_K, q4_k);
  EXPECT_EQ(w[39], 0.5f * 3 * 2 - 2 * 5);
  EXPECT_EQ(w[199], 0.5f * 36 * 11 - 2 * 25);
  BlockQ5_K q5_k{0x3800, 0x4000, {}, {}, {}};
  std::memcpy(q5_k.scales, q4_k.scales, sizeof(q5_k.scales));
  std::memcpy(q5_k.qs, q4_k.qs, sizeof(q5_k.qs));
  q5_k.qh[7] = 1 << 6;  // 16 more for weight 199
  w = Decode(QuantId::kQ5_K, q5_k);
  EXPECT_EQ(w[39], 0.5f * 3 * 2 - 2 * 5);
  EXPECT_EQ(w[199], 0.5f * 36 * 27 - 2 * 25);
}

TEST(Decode, Q6_KByHand) {
  BlockQ6_K block{{}, {}, {}, 0x3800};
  block.scales[5] = -7;           // weights 80..95
  block.ql[32 + 16 + 1] = 0x00;   // run 1
  block.ql[16 + 1] = 0x30;        // run 2, weight 81: 3
  block.qh[16 + 1] = 2 << 4;      // and 32 more
  block.scales[15] = 11;          // weights 240..255
  block.ql[64 + 32 + 31] = 0xf0;  // run 3 of the second half, weight 255: 15
  const std::vector<float> weights = Decode(QuantId::kQ6_K, block);
  EXPECT_EQ(weights[81], 0.5f * -7 * 3);
  EXPECT_EQ(weights[80], 0.5f * -7 * -32);
  EXPECT_EQ(weights[255], 0.5f * 11 * (15 - 32));
  EXPECT_THAT(std::vector<float>(weights.begin(), weights.begin() + 80), Each(0));
}

TEST(Decode, TablesByHand) {
  BlockIQ4_NL iq4_nl{0x3800, {}};
  iq4_nl.qs[3] = 0xf8;  // weight 3: place 8, weight 19: place 15
  std::vector<float> w = Decode(QuantId::kIQ4_NL, iq4_nl);
  EXPECT_EQ(w[3], 0.5);
  EXPECT_EQ(w[19], 56.5);
  EXPECT_EQ(w[0], -63.5);
  BlockMXFP4 mxfp4{128, {}};
  mxfp4.qs[3] = 0xf5;
  w = Decode(QuantId::kMXFP4, mxfp4);
  EXPECT_EQ(w[3], 6);
  EXPECT_EQ(w[19], -12);
  EXPECT_EQ(w[0], 0);
  mxfp4.e = 0;  // the smallest scale is subnormal
  EXPECT_EQ(Decode(QuantId::kMXFP4, mxfp4)[3], 6 * 0x1p-128f);
}

}  // namespace
}  // namespace inferometer
