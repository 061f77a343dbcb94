// Embed, SelectOutputs and ArgMax against cases worked out by hand.
#include <gmock/gmock.h>

#include <limits>

#include "tests/backends/reference/bench.h"

namespace inferometer {
namespace {

using testing::ElementsAre;

TEST(ReferenceRows, EmbedLooksRowsUpByTokenId) {
  Bench bench;
  const TensorId table = bench.Floats({2, 3, 1, 1}, {1, 2, 3, 4, 5, 6});
  const TensorId out = bench.Floats({2, 2, 1, 1});
  bench.Run({Embed{table, out, QuantId::kF32, 2, 3}}, {{2, 0, 0, false}, {0, 1, 0, false}});
  EXPECT_THAT(bench.ReadFloats(out, 4), ElementsAre(5, 6, 1, 2));
}

TEST(ReferenceRows, EmbedDecodesTheTable) {
  Bench bench;
  std::vector<float> values(64, 0.0f);
  values[32] = 127;  // q8_0 keeps whole numbers up to 127 when the largest is 127
  values[33] = -5;
  const TensorId table = bench.Encoded({32, 2, 1, 1}, QuantId::kQ8_0, values);
  const TensorId out = bench.Floats({32, 1, 1, 1});
  bench.Run({Embed{table, out, QuantId::kQ8_0, 32, 2}}, {{1, 0, 0, false}});
  EXPECT_THAT(bench.ReadFloats(out, 3), ElementsAre(127, -5, 0));
}

TEST(ReferenceRows, SelectOutputsPacksTheMarkedTokens) {
  Bench bench;
  const TensorId in = bench.Floats({2, 4, 1, 1}, {0, 1, 10, 11, 20, 21, 30, 31});
  const TensorId out = bench.Floats({2, 2, 1, 1});
  bench.Run({SelectOutputs{in, out, 2}},
            {{0, 0, 0, false}, {0, 1, 0, true}, {0, 2, 0, false}, {0, 3, 0, true}});
  EXPECT_THAT(bench.ReadFloats(out, 4), ElementsAre(10, 11, 30, 31));
}

TEST(ReferenceRows, ArgMaxTakesTheLowestOfEqualValues) {
  Bench bench;
  const TensorId in = bench.Floats({4, 3, 1, 1}, {1, 7, 7, 0, -4, -3, -2, -3, 5, 5, 5, 5});
  const TensorId out = bench.Indices({1, 3, 1, 1});
  bench.Run({ArgMax{in, out, 4}}, Bench::Tokens(3));
  EXPECT_THAT(bench.ReadIndices(out, 3), ElementsAre(1, 2, 0));
}

TEST(ReferenceRows, ArgMaxStaysInRangeWhenNothingIsANumber) {
  Bench bench;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const TensorId in = bench.Floats({3, 1, 1, 1}, {nan, nan, nan});
  const TensorId out = bench.Indices({1, 1, 1, 1}, {99});
  bench.Run({ArgMax{in, out, 3}}, Bench::Tokens(1));
  EXPECT_THAT(bench.ReadIndices(out, 1),
              ElementsAre(testing::AllOf(testing::Ge(0), testing::Lt(3))));
}

}  // namespace
}  // namespace inferometer
