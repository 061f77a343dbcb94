// MatMul against cases worked out by hand and against sums in double.
#include <gmock/gmock.h>

#include <algorithm>

#include "harness/base/nmse.h"
#include "harness/base/random.h"
#include "tests/backends/reference/bench.h"

namespace inferometer {
namespace {

using testing::ElementsAre;

// weight rows (1, 2, 3) and (4, 5, 6)
TensorId SmallWeight(Bench& bench) { return bench.Floats({3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}); }

TEST(ReferenceMatMul, MultipliesEachRow) {
  Bench bench;
  const TensorId in = bench.Floats({3, 2, 1, 1}, {1, 0, 0, 1, 1, 1});
  const TensorId out = bench.Floats({2, 2, 1, 1});
  bench.Run(
      {MatMul{.in = in, .weight = SmallWeight(bench), .out = out, .in_width = 3, .out_width = 2}},
      Bench::Tokens(2));
  EXPECT_THAT(bench.ReadFloats(out, 4), ElementsAre(1, 4, 6, 15));
}

TEST(ReferenceMatMul, AddsBiasAndAccumulates) {
  Bench bench;
  const TensorId in = bench.Floats({3, 1, 1, 1}, {1, 1, 1});
  const TensorId bias = bench.Floats({2, 1, 1, 1}, {100, 200});
  const TensorId out = bench.Floats({2, 1, 1, 1}, {1000, 2000});
  bench.Run({MatMul{.in = in,
                    .weight = SmallWeight(bench),
                    .bias = bias,
                    .out = out,
                    .in_width = 3,
                    .out_width = 2,
                    .accumulate = true}},
            Bench::Tokens(1));
  EXPECT_THAT(bench.ReadFloats(out, 2), ElementsAre(1106, 2215));
}

TEST(ReferenceMatMul, WorksOnOutputRowsOnly) {
  Bench bench;
  const TensorId in = bench.Floats({3, 3, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1});
  const TensorId out = bench.Floats({2, 3, 1, 1}, {-1, -1, -1, -1, -1, -1});
  bench.Run({MatMul{.in = in,
                    .weight = SmallWeight(bench),
                    .out = out,
                    .in_width = 3,
                    .out_width = 2,
                    .rows = Rows::kOutputs}},
            {{0, 0, 0, false}, {0, 1, 0, true}, {0, 2, 0, false}});
  EXPECT_THAT(bench.ReadFloats(out, 6), ElementsAre(6, 15, -1, -1, -1, -1));
}

TEST(ReferenceMatMul, ReadsAQ4_0BlockWrittenByHand) {
  Bench bench;
  // A block: scale 0.5 as binary16, then 16 bytes of two weights each, stored 8 above their value;
  // the low halves are weights 0..15. Weight 0 is 7, weight 16 is -8, all others 0.
  std::array<std::byte, 18> block{};
  block[0] = std::byte{0x00}, block[1] = std::byte{0x38};
  for (std::size_t i = 2; i < block.size(); ++i) block[i] = std::byte{0x88};
  block[2] = std::byte{0x0f};
  const TensorId weight =
      bench.device->Upload({"block", TensorRole::kMatrix, QuantId::kQ4_0, {32, 1, 1, 1}}, block);
  std::vector<float> x(32, 1.0f);
  x[16] = 10;
  const TensorId in = bench.Floats({32, 1, 1, 1}, x);
  const TensorId out = bench.Floats({1, 1, 1, 1});
  bench.Run({MatMul{.in = in,
                    .weight = weight,
                    .out = out,
                    .format = QuantId::kQ4_0,
                    .in_width = 32,
                    .out_width = 1}},
            Bench::Tokens(1));
  EXPECT_THAT(bench.ReadFloats(out, 1), ElementsAre(0.5f * (7 - 80)));
}

// Large enough for several threads and for whole and partial tiles of rows.
class LargeMatMul : public testing::Test {
 protected:
  static constexpr std::int64_t kIn = 257, kOut = 131, kRows = 37;
  static std::vector<float> Noise(std::uint64_t seed, std::int64_t count) {
    Random random(seed);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = random.Normal();
    return values;
  }
  std::vector<float> Multiply(const std::vector<float>& x, std::int64_t rows) {
    Bench bench;
    const TensorId weight = bench.Floats({kIn, kOut, 1, 1}, weights_);
    const TensorId in = bench.Floats({kIn, rows, 1, 1}, x);
    const TensorId out = bench.Floats({kOut, rows, 1, 1});
    bench.Run({MatMul{.in = in, .weight = weight, .out = out, .in_width = kIn, .out_width = kOut}},
              Bench::Tokens(static_cast<int>(rows)));
    return bench.ReadFloats(out, static_cast<std::size_t>(kOut * rows));
  }
  const std::vector<float> weights_ = Noise(1, kIn* kOut);
  const std::vector<float> x_ = Noise(2, kIn* kRows);
};

TEST_F(LargeMatMul, EqualsSumsInDouble) {
  std::vector<float> want;
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t o = 0; o < kOut; ++o) {
      double sum = 0;
      for (std::int64_t k = 0; k < kIn; ++k) {
        sum += static_cast<double>(weights_[static_cast<std::size_t>(o * kIn + k)]) *
               x_[static_cast<std::size_t>(r * kIn + k)];
      }
      want.push_back(static_cast<float>(sum));
    }
  }
  EXPECT_LT(Nmse(want, Multiply(x_, kRows)), 1e-12);
}

TEST_F(LargeMatMul, ARowDoesNotDependOnTheOthers) {
  const std::vector<float> together = Multiply(x_, kRows);
  for (const std::int64_t row : {0, 15, 16, 36}) {
    const std::vector<float> alone(x_.begin() + row * kIn, x_.begin() + (row + 1) * kIn);
    const std::vector<float> got = Multiply(alone, 1);
    EXPECT_TRUE(std::equal(got.begin(), got.end(), together.begin() + row * kOut)) << "row " << row;
  }
}

}  // namespace
}  // namespace inferometer
