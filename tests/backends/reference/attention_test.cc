// KvAppend and Attention against cases worked out by hand.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/backends/reference/bench.h"

namespace inferometer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

TEST(ReferenceAttention, AppendStoresEachTokenAtItsPlace) {
  Bench bench;
  // Two kv heads of one value, three positions, two sequences.
  const TensorId k = bench.Floats({2, 3, 1, 1}, {1, 2, 3, 4, 5, 6});
  const TensorId v = bench.Floats({2, 3, 1, 1}, {-1, -2, -3, -4, -5, -6});
  const TensorId keys = bench.Cache({1, 2, 3, 2}), values = bench.Cache({1, 2, 3, 2});
  bench.Run({KvAppend{k, v, keys, values, QuantId::kF32, 2, 1}},
            {{0, 2, 0, false}, {0, 0, 1, false}, {0, 1, 1, false}});
  EXPECT_THAT(bench.ReadFloats(keys, 12), ElementsAre(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0));
  EXPECT_THAT(bench.ReadFloats(values, 12), ElementsAre(0, 0, 0, 0, -1, -2, -3, -4, -5, -6, 0, 0));
}

TEST(ReferenceAttention, AppendRoundsToTheFormatOfTheCache) {
  Bench bench;
  const TensorId k = bench.Floats({2, 1, 1, 1}, {1.0f / 3, -2});
  const TensorId keys = bench.Cache({2, 1, 1, 1}, QuantId::kF16);
  const TensorId values = bench.Cache({2, 1, 1, 1}, QuantId::kF16);
  bench.Run({KvAppend{k, k, keys, values, QuantId::kF16, 1, 2}}, Bench::Tokens(1));
  std::array<std::uint16_t, 2> bits{};
  bench.device->Read(keys, std::as_writable_bytes(std::span(bits)));
  EXPECT_THAT(bits, ElementsAre(0x3555, 0xc000));  // IEEE 754: 1/3 rounds to 0x3555, -2 is 0xc000
}

// softmax over `scores`, then the mean of `values` with those weights.
float Mixed(const std::vector<double>& scores, const std::vector<double>& values) {
  double sum = 0, mixed = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    sum += std::exp(scores[i]);
    mixed += std::exp(scores[i]) * values[i];
  }
  return static_cast<float>(mixed / sum);
}

TEST(ReferenceAttention, EachTokenSeesItselfAndThePast) {
  Bench bench;
  const TensorId k = bench.Floats({1, 3, 1, 1}, {1, 2, -1});
  const TensorId v = bench.Floats({1, 3, 1, 1}, {10, 20, 40});
  const TensorId q = bench.Floats({1, 3, 1, 1}, {1, 0.5f, 2});
  const TensorId keys = bench.Cache({1, 1, 3, 1}), values = bench.Cache({1, 1, 3, 1});
  const TensorId out = bench.Floats({1, 3, 1, 1});
  bench.Run({KvAppend{k, v, keys, values, QuantId::kF32, 1, 1},
             Attention{q, keys, values, out, QuantId::kF32, 1, 1, 1, 0.5f}},
            Bench::Tokens(3));
  EXPECT_THAT(bench.ReadFloats(out, 3),
              Pointwise(testing::FloatNear(1e-5f),
                        {10.0f, Mixed({0.25, 0.5}, {10, 20}), Mixed({1, 2, -1}, {10, 20, 40})}));
}

TEST(ReferenceAttention, QueryHeadsShareKvHeadsInOrder) {
  Bench bench;
  // Four query heads on two kv heads: 0 and 1 read kv head 0, 2 and 3 read kv head 1. With one
  // position the output is the value itself, two values a head.
  const TensorId k = bench.Floats({4, 1, 1, 1}, {1, 1, 1, 1});
  const TensorId v = bench.Floats({4, 1, 1, 1}, {1, 2, 3, 4});
  const TensorId q = bench.Floats({8, 1, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  const TensorId keys = bench.Cache({2, 2, 1, 1}), values = bench.Cache({2, 2, 1, 1});
  const TensorId out = bench.Floats({8, 1, 1, 1});
  bench.Run({KvAppend{k, v, keys, values, QuantId::kF32, 2, 2},
             Attention{q, keys, values, out, QuantId::kF32, 4, 2, 2, 1.0f}},
            Bench::Tokens(1));
  EXPECT_THAT(bench.ReadFloats(out, 8), ElementsAre(1, 2, 1, 2, 3, 4, 3, 4));
}

TEST(ReferenceAttention, TheScoreIsTheWholeDotProduct) {
  Bench bench;
  // Keys (1, 0) and (0, 1); the query (2, 3) scores 2 and 3.
  const TensorId k = bench.Floats({2, 2, 1, 1}, {1, 0, 0, 1});
  const TensorId v = bench.Floats({2, 2, 1, 1}, {1, 0, 0, 1});
  const TensorId q = bench.Floats({2, 2, 1, 1}, {0, 0, 2, 3});
  const TensorId keys = bench.Cache({2, 1, 2, 1}), values = bench.Cache({2, 1, 2, 1});
  const TensorId out = bench.Floats({2, 2, 1, 1});
  bench.Run({KvAppend{k, v, keys, values, QuantId::kF32, 1, 2},
             Attention{q, keys, values, out, QuantId::kF32, 1, 1, 2, 1.0f}},
            Bench::Tokens(2));
  const std::vector<float> got = bench.ReadFloats(out, 4);
  EXPECT_NEAR(got[2], 0.26894143f, 1e-6f);  // 1 / (1 + e)
  EXPECT_NEAR(got[3], 0.73105858f, 1e-6f);
}

TEST(ReferenceAttention, SequencesDoNotSeeEachOther) {
  Bench bench;
  const TensorId k = bench.Floats({1, 3, 1, 1}, {1, 1, 1});
  const TensorId v = bench.Floats({1, 3, 1, 1}, {10, 20, 600});
  const TensorId q = bench.Floats({1, 3, 1, 1}, {1, 1, 1});
  const TensorId keys = bench.Cache({1, 1, 2, 2}), values = bench.Cache({1, 1, 2, 2});
  const TensorId out = bench.Floats({1, 3, 1, 1});
  const std::vector<Op> ops = {KvAppend{k, v, keys, values, QuantId::kF32, 1, 1},
                               Attention{q, keys, values, out, QuantId::kF32, 1, 1, 1, 1.0f}};
  bench.Run(ops, {{0, 0, 0, false}, {0, 1, 0, false}, {0, 0, 1, false}});
  EXPECT_THAT(bench.ReadFloats(out, 3), ElementsAre(10, FloatNear(15, 1e-5f), 600));
  // A later step finds what the earlier ones stored, whatever order the sequences come in.
  bench.device->Write(v, std::as_bytes(std::span<const float>(std::vector<float>{800, 0, 0})));
  bench.Run(ops, {{0, 1, 1, false}});
  EXPECT_THAT(bench.ReadFloats(out, 1), ElementsAre(FloatNear(700, 1e-3f)));
}

TEST(ReferenceAttention, LargeScoresDoNotOverflow) {
  Bench bench;
  const TensorId k = bench.Floats({1, 2, 1, 1}, {300, 299});
  const TensorId v = bench.Floats({1, 2, 1, 1}, {1, 0});
  const TensorId q = bench.Floats({1, 2, 1, 1}, {1, 1});
  const TensorId keys = bench.Cache({1, 1, 2, 1}), values = bench.Cache({1, 1, 2, 1});
  const TensorId out = bench.Floats({1, 2, 1, 1});
  bench.Run({KvAppend{k, v, keys, values, QuantId::kF32, 1, 1},
             Attention{q, keys, values, out, QuantId::kF32, 1, 1, 1, 1.0f}},
            Bench::Tokens(2));
  EXPECT_NEAR(bench.ReadFloats(out, 2)[1], 0.73105858f, 1e-6f);
}

}  // namespace
}  // namespace inferometer
