// Numbers for people: scaled to a unit that reads well, thousands grouped.
#include "harness/report/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace inferometer {
namespace {

struct Prefix {
  double factor;
  const char* name;
};
constexpr Prefix kBig[] = {{1e-12, "T"}, {1e-9, "G"}, {1e-6, "M"}, {1e-3, "k"}, {1, ""}};
constexpr Prefix kSmall[] = {{1, ""}, {1e3, "m"}, {1e6, "µ"}, {1e9, "n"}};

// Decimals that show about four digits of a scaled value.
int DecimalsFor(double shown) {
  const double size = std::abs(shown);
  if (size >= 1000) return 0;
  if (size >= 100) return 1;
  if (size >= 10) return 2;
  return 3;
}

}  // namespace

Scale ScaleFor(double value, std::string_view unit) {
  Scale scale{.factor = 1, .decimals = 0, .unit = unit == "1" ? "" : std::string(unit)};
  const double size = std::abs(value);
  std::span<const Prefix> prefixes;
  if ((unit == "s" || unit == "s/tok") && size < 1) prefixes = kSmall;
  if (unit == "B" || unit == "B/s" || unit == "flop/s" || unit == "op/s" || unit == "Hz") {
    prefixes = kBig;
  }
  if (size > 0) {
    for (const Prefix& prefix : prefixes) {
      if (size * prefix.factor < 1 && &prefix != &prefixes.back()) continue;
      scale.factor = prefix.factor;
      const std::string_view base = unit == "flop/s" ? "FLOP/s" : unit == "op/s" ? "OP/s" : unit;
      scale.unit = fmt::format("{}{}", prefix.name, base);
      break;
    }
  }
  scale.decimals = DecimalsFor(value * scale.factor);
  if (unit == "1" && value == std::floor(value)) scale.decimals = 0;
  return scale;
}

std::string Number(double value, const Scale& scale) {
  // Ratios of which fixed decimals would show little or nothing, such as errors.
  const double shown = std::abs(value * scale.factor);
  if (shown > 0 && shown < 0.01) {
    std::string text = fmt::format("{:.1e}", value * scale.factor);
    if (const std::size_t at = text.find("e-0"); at != std::string::npos) text.erase(at + 2, 1);
    return text;
  }
  const std::string digits = fmt::format("{:.{}f}", std::abs(value * scale.factor), scale.decimals);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string text;
  if (value < 0) text += '-';
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i < point && (point - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string Quantity(double value, std::string_view unit) {
  const Scale scale = ScaleFor(value, unit);
  return scale.unit.empty() ? Number(value, scale)
                            : fmt::format("{} {}", Number(value, scale), scale.unit);
}

std::string Percent(double fraction) { return fmt::format("{:.0f} %", fraction * 100); }

}  // namespace inferometer
