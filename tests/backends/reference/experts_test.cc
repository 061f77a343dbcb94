// TopExperts, ExpertMatMul and ExpertSum against cases worked out by hand.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/backends/reference/bench.h"

namespace inferometer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

TEST(ReferenceExperts, TopExpertsAreSortedAndTheirWeightsSumToOne) {
  Bench bench;
  const float two = std::log(2.0f), three = std::log(3.0f);
  const TensorId scores = bench.Floats({4, 1, 1, 1}, {0, three, -5, two});
  const TensorId ids = bench.Indices({3, 1, 1, 1}), weights = bench.Floats({3, 1, 1, 1});
  bench.Run({TopExperts{scores, ids, weights, 4, 3}}, Bench::Tokens(1));
  EXPECT_THAT(bench.ReadIndices(ids, 3), ElementsAre(1, 3, 0));
  // Softmax shares stand as 3 : 2 : 1.
  EXPECT_THAT(
      bench.ReadFloats(weights, 3),
      ElementsAre(FloatNear(0.5f, 1e-6f), FloatNear(1 / 3.0f, 1e-6f), FloatNear(1 / 6.0f, 1e-6f)));
}

TEST(ReferenceExperts, TiesGoToTheLowerIndex) {
  Bench bench;
  const TensorId scores = bench.Floats({5, 2, 1, 1}, {1, 2, 2, 1, 2, 7, 7, 7, 7, 7});
  const TensorId ids = bench.Indices({4, 2, 1, 1}), weights = bench.Floats({4, 2, 1, 1});
  bench.Run({TopExperts{scores, ids, weights, 5, 4}}, Bench::Tokens(2));
  EXPECT_THAT(bench.ReadIndices(ids, 8), ElementsAre(1, 2, 4, 0, 0, 1, 2, 3));
}

TEST(ReferenceExperts, ExpertMatMulMultipliesASharedInput) {
  Bench bench;
  // Three experts of {2, 1}: rows (1, 0), (0, 1), (10, 10).
  const TensorId weight = bench.Floats({2, 1, 3, 1}, {1, 0, 0, 1, 10, 10});
  const TensorId in = bench.Floats({2, 2, 1, 1}, {3, 4, 5, 6});
  const TensorId ids = bench.Indices({2, 2, 1, 1}, {2, 0, 1, 2});
  const TensorId out = bench.Floats({2, 2, 1, 1});
  bench.Run({ExpertMatMul{in, weight, ids, out, QuantId::kF32, 2, 1, 3, 2, true}},
            Bench::Tokens(2));
  EXPECT_THAT(bench.ReadFloats(out, 4), ElementsAre(70, 3, 6, 110));
}

TEST(ReferenceExperts, ExpertMatMulMultipliesAnInputForEachChoice) {
  Bench bench;
  const TensorId weight = bench.Floats({1, 2, 2, 1}, {1, 2, 10, 20});  // (1; 2) and (10; 20)
  const TensorId in = bench.Floats({2, 1, 1, 1}, {3, 5});
  const TensorId ids = bench.Indices({2, 1, 1, 1}, {1, 0});
  const TensorId out = bench.Floats({4, 1, 1, 1});
  bench.Run({ExpertMatMul{in, weight, ids, out, QuantId::kF32, 1, 2, 2, 2, false}},
            Bench::Tokens(1));
  EXPECT_THAT(bench.ReadFloats(out, 4), ElementsAre(30, 60, 5, 10));
}

TEST(ReferenceExperts, ExpertSumAddsTheWeightedRows) {
  Bench bench;
  const TensorId in = bench.Floats({4, 1, 1, 1}, {1, 2, 10, 20});
  const TensorId weights = bench.Floats({2, 1, 1, 1}, {0.75f, 0.25f});
  const TensorId out = bench.Floats({2, 1, 1, 1}, {100, 200});
  bench.Run({ExpertSum{in, weights, out, 2, 2}}, Bench::Tokens(1));
  EXPECT_THAT(bench.ReadFloats(out, 2), ElementsAre(103.25f, 206.5f));
}

}  // namespace
}  // namespace inferometer
