// RmsNorm, Rope and GatedMul against cases worked out by hand.
#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "tests/backends/reference/bench.h"

namespace inferometer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

TEST(ReferenceElementwise, RmsNormDividesByTheRootMeanSquare) {
  Bench bench;
  // rms of (3, 4, 0, 0) is sqrt(25 / 4) = 2.5
  const TensorId in = bench.Floats({4, 1, 1, 1}, {3, 4, 0, 0});
  const TensorId weight = bench.Floats({4, 1, 1, 1}, {1, 10, 1, 1});
  const TensorId out = bench.Floats({4, 1, 1, 1});
  bench.Run({RmsNorm{in, weight, out, 4, 1, 0.0f, Rows::kTokens}}, Bench::Tokens(1));
  EXPECT_THAT(bench.ReadFloats(out, 4),
              ElementsAre(FloatNear(1.2f, 1e-6f), FloatNear(16.0f, 1e-5f), 0.0f, 0.0f));
}

TEST(ReferenceElementwise, RmsNormWorksOnEachGroupInPlaceAndOnOutputsOnly) {
  Bench bench;
  // Two rows of two heads of two values; one output token, so the second row stays.
  const TensorId io = bench.Floats({4, 2, 1, 1}, {1, 1, 6, 8, 7, 7, 7, 7});
  const TensorId weight = bench.Floats({2, 1, 1, 1}, {1, 2});
  bench.Run({RmsNorm{io, weight, io, 2, 2, 0.0f, Rows::kOutputs}},
            {{0, 0, 0, false}, {0, 1, 0, true}});
  const float rms = std::sqrt(50.0f);
  const std::vector<float> got = bench.ReadFloats(io, 8);
  EXPECT_THAT(got, ElementsAre(FloatNear(1, 1e-6f), FloatNear(2, 1e-6f), FloatNear(6 / rms, 1e-6f),
                               FloatNear(16 / rms, 1e-6f), 7, 7, 7, 7));
}

TEST(ReferenceElementwise, RmsNormAddsEpsilonToTheMean) {
  Bench bench;
  const TensorId in = bench.Floats({2, 1, 1, 1}, {1, 1});
  const TensorId weight = bench.Floats({2, 1, 1, 1}, {1, 1});
  const TensorId out = bench.Floats({2, 1, 1, 1});
  bench.Run({RmsNorm{in, weight, out, 2, 1, 3.0f, Rows::kTokens}}, Bench::Tokens(1));
  EXPECT_THAT(bench.ReadFloats(out, 2), ElementsAre(0.5f, 0.5f));  // 1 / sqrt(1 + 3)
}

// A frequency of a quarter turn per position makes every rotation exact to the eye.
constexpr float kQuarter = static_cast<float>(std::numbers::pi / 2);

TEST(ReferenceElementwise, RopeInterleavedRotatesNeighbours) {
  Bench bench;
  const TensorId frequencies = bench.Floats({2, 1, 1, 1}, {kQuarter, 0});
  // Two tokens of one head of six values, four of them rotated.
  const TensorId io = bench.Floats({6, 2, 1, 1}, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
  bench.Run({Rope{io, frequencies, 1, 6, 4, RopeStyle::kInterleaved}}, Bench::Tokens(2));
  const float e = 1e-6f;
  EXPECT_THAT(bench.ReadFloats(io, 12), ElementsAre(1, 2, 3, 4, 5, 6,  // position 0: as it was
                                                    FloatNear(-2, e), FloatNear(1, e), 3, 4, 5, 6));
}

TEST(ReferenceElementwise, RopeHalvesRotatesAcrossTheMiddleOfTheRotatedPart) {
  Bench bench;
  const TensorId frequencies = bench.Floats({2, 1, 1, 1}, {kQuarter, 2 * kQuarter});
  const TensorId io = bench.Floats({6, 1, 1, 1}, {1, 2, 3, 4, 5, 6});
  bench.Run({Rope{io, frequencies, 1, 6, 4, RopeStyle::kHalves}}, {{0, 1, 0, false}});
  // (1, 3) by a quarter turn: (-3, 1); (2, 4) by half a turn: (-2, -4).
  const float e = 1e-6f;
  EXPECT_THAT(bench.ReadFloats(io, 6), ElementsAre(FloatNear(-3, e), FloatNear(-2, e),
                                                   FloatNear(1, e), FloatNear(-4, e), 5, 6));
}

TEST(ReferenceElementwise, RopeTurnsEveryHeadAndKeepsFarPositionsExact) {
  Bench bench;
  const float frequency = 0.9f;
  const std::int32_t position = 100000;
  const TensorId frequencies = bench.Floats({1, 1, 1, 1}, {frequency});
  const TensorId io = bench.Floats({4, 1, 1, 1}, {1, 0, 0, 1});
  bench.Run({Rope{io, frequencies, 2, 2, 2, RopeStyle::kInterleaved}}, {{0, position, 0, false}});
  const double angle = static_cast<double>(frequency) * position;
  const auto c = static_cast<float>(std::cos(angle)), s = static_cast<float>(std::sin(angle));
  EXPECT_THAT(bench.ReadFloats(io, 4), ElementsAre(FloatNear(c, 1e-6f), FloatNear(s, 1e-6f),
                                                   FloatNear(-s, 1e-6f), FloatNear(c, 1e-6f)));
}

TEST(ReferenceElementwise, GatedMulIsSiluOfTheGateTimesUp) {
  Bench bench;
  const TensorId gate = bench.Floats({2, 2, 1, 1}, {0, 1, -1, -200});
  const TensorId up = bench.Floats({2, 2, 1, 1}, {5, 3, 2, 1});
  // In place, two groups of one value.
  bench.Run({GatedMul{gate, up, gate, 1, 2}}, Bench::Tokens(2));
  const float e = 1e-6f;
  EXPECT_THAT(
      bench.ReadFloats(gate, 4),
      ElementsAre(0, FloatNear(3 * 0.7310586f, e), FloatNear(-2 * 0.2689414f, e), FloatNear(0, e)));
}

}  // namespace
}  // namespace inferometer
