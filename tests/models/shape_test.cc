// Shapes that no model could have are refused; rope frequencies against independent figures.
#include "models/shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "harness/base/error.h"
#include "models/model.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

using testing::HasSubstr;

std::string Complaint(const ModelShape& shape) {
  try {
    CheckShape(shape);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    return error.what();
  }
  return "accepted";
}

TEST(CheckShape, AcceptsModels) {
  for (const ModelShape& shape : TinyShapes()) EXPECT_EQ(Complaint(shape), "accepted");
}

TEST(CheckShape, NamesTheFieldThatIsWrong) {
  constexpr std::int64_t ModelShape::* kSizes[] = {
      &ModelShape::layers,   &ModelShape::width,    &ModelShape::heads,
      &ModelShape::kv_heads, &ModelShape::head_dim, &ModelShape::feed_forward,
      &ModelShape::vocab,    &ModelShape::context,  &ModelShape::rope_dim};
  const std::string names[] = {"layers",       "width", "heads",   "kv_heads", "head_dim",
                               "feed_forward", "vocab", "context", "rope_dim"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::int64_t>::max()}) {
      ModelShape shape = TinyShapes()[0];
      shape.*kSizes[i] = value;
      EXPECT_THAT(Complaint(shape), HasSubstr(names[i])) << value;
    }
  }
}

TEST(CheckShape, RefusesWhatDoesNotGoTogether) {
  const ModelShape good = TinyShapes()[4];
  ModelShape shape = good;
  shape.kv_heads = 3;
  EXPECT_THAT(Complaint(shape), HasSubstr("kv_heads 3"));
  shape = good;
  shape.rope_dim = 63;
  EXPECT_THAT(Complaint(shape), HasSubstr("rope_dim"));
  shape.rope_dim = 66;
  EXPECT_THAT(Complaint(shape), HasSubstr("rope_dim"));
  shape = good;
  shape.experts_used = 9;
  EXPECT_THAT(Complaint(shape), HasSubstr("experts_used"));
  shape.experts_used = 0;
  EXPECT_THAT(Complaint(shape), HasSubstr("experts_used"));
  shape = good;
  shape.rope_base = std::nan("");
  EXPECT_THAT(Complaint(shape), HasSubstr("rope_base"));
  shape = good;
  shape.norm_eps = -1;
  EXPECT_THAT(Complaint(shape), HasSubstr("norm_eps"));
  shape = good;
  shape.rope_scaling = {8, 4, 4, 8192};
  EXPECT_THAT(Complaint(shape), HasSubstr("rope_scaling"));
  shape = good;
  shape.feed_forward = shape.experts = shape.width = std::int64_t{1} << 30;
  EXPECT_THAT(Complaint(shape), HasSubstr("64 bits"));
}

TEST(Rope, PlainFrequencies) {
  const ModelShape& shape = *FindShape("tinyllama-1.1b");
  const std::vector<float> frequencies = RopeFrequencies(shape);
  ASSERT_EQ(frequencies.size(), 32u);
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const double expected = std::pow(10000.0, -static_cast<double>(i) / 32);
    EXPECT_NEAR(frequencies[i] / expected, 1, 7e-8) << i;  // half a unit in the last place: 6e-8
  }
  EXPECT_THAT(RopeDivisors(shape), testing::Each(1.0f));
}

struct Scaled {
  std::size_t pair;
  double frequency, divisor;
};

void ExpectScaled(std::string_view model, const std::vector<Scaled>& expected) {
  const ModelShape& shape = *FindShape(model);
  const std::vector<float> frequencies = RopeFrequencies(shape), divisors = RopeDivisors(shape);
  for (const Scaled& s : expected) {
    EXPECT_NEAR(frequencies[s.pair] / s.frequency, 1, 7e-8) << model << " " << s.pair;
    EXPECT_NEAR(divisors[s.pair] / s.divisor, 1, 7e-8) << model << " " << s.pair;
  }
}

// Computed in Python with the formula of Meta's reference code, in wavelengths.
TEST(Rope, Llama3Scaling) {
  ExpectScaled("llama-3.2-1b", {
                                   {0, 1, 1},
                                   {1, 0.663601238, 1},
                                   {10, 0.0165604401, 1},
                                   {14, 0.00321144599, 1},
                                   {15, 0.00129054793, 1.65132925},
                                   {16, 0.000429556797, 3.2922621},
                                   {17, 9.7082878e-05, 9.66672898},
                                   {18, 1.94616382e-05, 32},
                                   {20, 8.57025549e-06, 32},
                                   {31, 9.41830673e-08, 32},
                               });
  ExpectScaled("llama-3.1-8b", {
                                   {0, 1, 1},
                                   {28, 0.00321144599, 1},
                                   {30, 0.00137189357, 1.55341463},
                                   {34, 0.000178507813, 5.25732659},
                                   {36, 7.78465527e-05, 8},
                                   {40, 3.4281022e-05, 8},
                                   {63, 3.06892599e-07, 8},
                               });
}

}  // namespace
}  // namespace inferometer
