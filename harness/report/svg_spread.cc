// The samples of one row around their median, small enough for a table cell.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/report/escape.h"
#include "harness/report/quantity.h"
#include "harness/report/svg.h"

namespace inferometer {
namespace {

constexpr double kWidth = 120, kHeight = 18, kMiddle = kHeight / 2;
constexpr double kRange = 0.10;  // of the median, to either side: the same in every row

}  // namespace

std::string SpreadSvg(const Record& record) {
  if (!(std::abs(record.median) > 0)) return "";
  const auto offset = [&](double value) {
    return (value - record.median) / std::abs(record.median);
  };
  const auto x = [&](double value) {
    return kWidth / 2 + std::clamp(offset(value) / kRange, -1.0, 1.0) * (kWidth / 2 - 4);
  };
  double widest = 0;
  for (const double sample : record.samples) widest = std::max(widest, std::abs(offset(sample)));
  std::string out = fmt::format(
      R"(<svg class="spread" viewBox="0 0 {:.0f} {:.0f}" role="img"><title>)", kWidth, kHeight);
  out += Html(
      fmt::format("{} samples within {:.1f} % of the median", record.samples.size(), widest * 100));
  if (record.ci95) {
    out += Html(fmt::format(", 95 % interval {:+.1f} % to {:+.1f} %",
                            offset(record.ci95->first) * 100, offset(record.ci95->second) * 100));
  }
  out += "</title>";
  out += fmt::format(R"(<line class="grid" x1="4" y1="{0:.0f}" x2="{1:.0f}" y2="{0:.0f}"/>)",
                     kMiddle, kWidth - 4);
  if (record.ci95) {
    const double low = x(record.ci95->first), high = x(record.ci95->second);
    out +=
        fmt::format(R"(<rect class="interval" x="{:.1f}" y="5" width="{:.1f}" height="8" rx="2"/>)",
                    low, std::max(1.0, high - low));
  }
  for (const double sample : record.samples) {
    // Beyond the scale: an open dot at its edge.
    const bool beyond = std::abs(offset(sample)) > kRange;
    out += fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="{:.0f}" r="{}"/>)",
                       beyond ? "beyond" : "dot", x(sample), kMiddle, beyond ? "3" : "2");
  }
  out +=
      fmt::format(R"(<line class="middle" x1="{0:.0f}" y1="2" x2="{0:.0f}" y2="16"/>)", kWidth / 2);
  return out + "</svg>";
}

}  // namespace inferometer
