// Checks on shapes, and the rotation frequencies that follow from them.
#include "models/shape.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include "harness/base/error.h"

namespace inferometer {
namespace {

// ln x and e^x in plain arithmetic, for x > 0 and |x| < 700: within a few units in the last place,
// and unlike libm's the same bits on every machine, since the divisors are weights that are hashed.
double Log(double x) {
  int exponent = 0;
  double fraction = std::frexp(x, &exponent);  // 0.5 <= fraction < 1
  if (fraction < std::numbers::sqrt2 / 2) fraction *= 2, --exponent;
  // ln f = 2 atanh((f - 1) / (f + 1)), |t| <= 0.172: 14 terms reach 1e-22.
  const double t = (fraction - 1) / (fraction + 1);
  double sum = 0;
  for (int n = 27; n >= 1; n -= 2) sum = sum * t * t + 1.0 / n;
  return 2 * t * sum + exponent * std::numbers::ln2;
}

double Exp(double x) {
  const double halvings = std::floor(x / std::numbers::ln2 + 0.5);
  const double rest = x - halvings * std::numbers::ln2;  // |rest| <= 0.35: 16 terms reach 1e-21
  double sum = 1;
  for (int n = 16; n >= 1; --n) sum = 1 + sum * rest / n;
  return std::ldexp(sum, static_cast<int>(halvings));
}

// Radians per position of pair `pair` before any scaling: base^(-2 pair / rope_dim).
double PlainFrequency(const ModelShape& shape, std::int64_t pair) {
  return Exp(-2.0 * static_cast<double>(pair) / static_cast<double>(shape.rope_dim) *
             Log(shape.rope_base));
}

// The Llama 3.1 rule (rope_type "llama3" of the published config.json; apply_scaling in Meta's
// llama-models reference code): wavelengths that fit high_frequency_factor times into the original
// context stay, those that fit less than low_frequency_factor times are stretched by `factor`, and
// between the two the frequency is interpolated.
double Divisor(const RopeScaling& scaling, double frequency) {
  if (scaling.factor == 0) return 1;
  const double turns = scaling.original_context * frequency / (2 * std::numbers::pi);
  if (turns > scaling.high_frequency_factor) return 1;
  if (turns < scaling.low_frequency_factor) return scaling.factor;
  const double smooth = (turns - scaling.low_frequency_factor) /
                        (scaling.high_frequency_factor - scaling.low_frequency_factor);
  return 1 / ((1 - smooth) / scaling.factor + smooth);
}

[[noreturn]] void Refuse(const ModelShape& shape, std::string_view field, std::string_view why) {
  throw Error(ExitCode::kInvalidInput, fmt::format("model '{}': {} {}", shape.name, field, why));
}

}  // namespace

void CheckShape(const ModelShape& shape) {
  // Far above every model, and small enough that products of two stay within 64 bits.
  constexpr std::int64_t kLargest = std::int64_t{1} << 31;
  auto positive = [&shape](std::string_view field, std::int64_t value) {
    if (value <= 0) Refuse(shape, field, fmt::format("is {}, must be positive", value));
    if (value > kLargest) Refuse(shape, field, fmt::format("is {}, absurdly large", value));
  };
  positive("layers", shape.layers);
  positive("width", shape.width);
  positive("heads", shape.heads);
  positive("kv_heads", shape.kv_heads);
  positive("head_dim", shape.head_dim);
  positive("feed_forward", shape.feed_forward);
  positive("vocab", shape.vocab);
  positive("context", shape.context);
  positive("rope_dim", shape.rope_dim);
  if (shape.heads % shape.kv_heads != 0) {
    Refuse(shape, "heads",
           fmt::format("is {}, no multiple of kv_heads {}", shape.heads, shape.kv_heads));
  }
  if (shape.rope_dim % 2 != 0 || shape.rope_dim > shape.head_dim) {
    Refuse(
        shape, "rope_dim",
        fmt::format("is {}, must be even and at most head_dim {}", shape.rope_dim, shape.head_dim));
  }
  if (!(shape.norm_eps >= 0) || !std::isfinite(shape.norm_eps)) {
    Refuse(shape, "norm_eps", "must be a finite number, 0 or more");
  }
  if (!(shape.rope_base > 0) || !std::isfinite(shape.rope_base)) {
    Refuse(shape, "rope_base", "must be a finite positive number");
  }
  const RopeScaling& scaling = shape.rope_scaling;
  if (!(scaling.factor >= 0) || !std::isfinite(scaling.factor)) {
    Refuse(shape, "rope_scaling factor", "must be a finite number, 0 or more");
  }
  if (scaling.factor > 0 &&
      (!(scaling.low_frequency_factor > 0) || !std::isfinite(scaling.high_frequency_factor) ||
       !(scaling.high_frequency_factor > scaling.low_frequency_factor) ||
       !(scaling.original_context > 0) || !std::isfinite(scaling.original_context))) {
    Refuse(shape, "rope_scaling",
           "needs 0 < low_frequency_factor < high_frequency_factor and a positive "
           "original_context");
  }
  if (!shape.rope_divisors.empty() &&
      shape.rope_divisors.size() != static_cast<std::size_t>(shape.rope_dim / 2)) {
    Refuse(shape, "rope_divisors",
           fmt::format("has {} values, must be half of rope_dim {}", shape.rope_divisors.size(),
                       shape.rope_dim));
  }
  for (const float divisor : shape.rope_divisors) {
    if (!(divisor > 0) || !std::isfinite(divisor)) {
      Refuse(shape, "rope_divisors", "must be finite positive numbers");
    }
  }
  if (shape.experts < 0 || shape.experts > kLargest) {
    Refuse(shape, "experts", fmt::format("is {}", shape.experts));
  }
  if (shape.experts > 0 && (shape.experts_used <= 0 || shape.experts_used > shape.experts)) {
    Refuse(shape, "experts_used",
           fmt::format("is {}, must be from 1 to experts {}", shape.experts_used, shape.experts));
  }
  // Every product below counts the weights of one tensor, or of one kind in all layers.
  auto fits = [&shape](std::string_view field, std::initializer_list<std::int64_t> factors) {
    std::int64_t product = 16;  // bytes of a weight, with room to spare
    for (const std::int64_t factor : factors) {
      if (product > std::numeric_limits<std::int64_t>::max() / factor) {
        Refuse(shape, field, "makes the model larger than 64 bits can count");
      }
      product *= factor;
    }
  };
  const std::int64_t experts = shape.experts > 0 ? shape.experts : 1;
  fits("vocab", {shape.width, shape.vocab});
  fits("heads", {shape.heads, shape.head_dim, shape.width, shape.layers});
  fits("feed_forward", {shape.feed_forward, shape.width, experts, shape.layers});
  fits("context", {shape.context, shape.kv_heads, shape.head_dim, shape.layers});
}

std::vector<float> RopeFrequencies(const ModelShape& shape) {
  // Divided by the divisors as f32, so that a model and the file written from it agree to the bit.
  std::vector<float> frequencies = RopeDivisors(shape);
  for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
    frequencies[pair] = static_cast<float>(PlainFrequency(shape, static_cast<std::int64_t>(pair)) /
                                           frequencies[pair]);
  }
  return frequencies;
}

std::vector<float> RopeDivisors(const ModelShape& shape) {
  if (!shape.rope_divisors.empty()) return shape.rope_divisors;
  std::vector<float> divisors(static_cast<std::size_t>(shape.rope_dim / 2));
  for (std::size_t pair = 0; pair < divisors.size(); ++pair) {
    const double plain = PlainFrequency(shape, static_cast<std::int64_t>(pair));
    divisors[pair] = static_cast<float>(Divisor(shape.rope_scaling, plain));
  }
  return divisors;
}

}  // namespace inferometer
