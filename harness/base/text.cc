// The nearest known name, and numbers people can read.
#include "harness/base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace inferometer {
namespace {

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string Nearest(std::string_view word, std::span<const std::string> candidates) {
  const auto nearest = std::min_element(candidates.begin(), candidates.end(),
                                        [word](const std::string& a, const std::string& b) {
                                          return EditDistance(word, a) < EditDistance(word, b);
                                        });
  return nearest == candidates.end() ? std::string() : *nearest;
}

std::string UnknownName(std::string_view kind, std::string_view word,
                        const std::vector<std::string>& candidates) {
  return fmt::format("unknown {} '{}': did you mean '{}'? Known: {}", kind, word,
                     Nearest(word, candidates), fmt::join(candidates, ", "));
}

std::string HumanBytes(double bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < std::size(kUnits)) bytes /= 1024, ++unit;
  return fmt::format("{:.3g} {}", bytes, kUnits[unit]);
}

}  // namespace inferometer
