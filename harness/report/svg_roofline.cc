// The roofline plot (S. Williams, A. Waterman, D. Patterson: Roofline, CACM 52(4), 2009).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/report/escape.h"
#include "harness/report/quantity.h"
#include "harness/report/rows.h"
#include "harness/report/svg.h"
#include "results/metrics.h"

namespace inferometer {
namespace {

constexpr double kWidth = 520, kHeight = 340;
constexpr double kLeft = 66, kRight = 14, kTop = 14, kBottom = 44;

// One logarithmic axis onto [from, to] of the picture.
struct Axis {
  double low, high, from, to;
  double At(double value) const {
    const double share =
        (std::log10(value) - std::log10(low)) / (std::log10(high) - std::log10(low));
    return from + std::clamp(share, 0.0, 1.0) * (to - from);
  }
};

struct Dot {
  double intensity;  // operations / byte
  double attained;   // operations / s
  const Record* record;
};

std::string Line(const char* style, double x1, double y1, double x2, double y2) {
  return fmt::format(R"(<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", style,
                     x1, y1, x2, y2);
}

std::string Text(const char* style, double x, double y, const char* anchor,
                 const std::string& text) {
  return fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", style,
                     x, y, anchor, Html(text));
}

std::string Grid(const Axis& x, const Axis& y) {
  std::string out;
  for (double decade = std::ceil(std::log10(x.low)); decade <= std::log10(x.high); ++decade) {
    const double at = x.At(std::pow(10, decade));
    out += Line("grid", at, y.from, at, y.to);
    out += Text("tick", at, y.from + 16, "middle", fmt::format("{:g}", std::pow(10, decade)));
  }
  for (double decade = std::floor(std::log10(y.low)); decade <= std::log10(y.high); ++decade) {
    for (const double multiple : {1.0, 2.0, 5.0}) {
      const double value = multiple * std::pow(10, decade), at = y.At(value);
      if (value < y.low || value > y.high) continue;
      out += Line("grid", x.from, at, x.to, at);
      Scale scale = ScaleFor(value * 1.0000001, "op/s");
      scale.decimals = 0;
      out += Text("tick", x.from - 6, at + 4, "end",
                  Number(value, scale) + " " + scale.unit.substr(0, scale.unit.find("OP")));
    }
  }
  out += Text("axis", (x.from + x.to) / 2, kHeight - 8, "middle", "operations per byte");
  out += fmt::format(
      R"svg(<text class="axis" transform="translate(11 {:.1f}) rotate(-90)" text-anchor="middle">operations per second</text>)svg",
      (y.from + y.to) / 2);
  return out;
}

// The slanted roof: bandwidth times intensity, up to the highest peak.
std::string MemoryRoof(const Axis& x, const Axis& y, const Roof& memory, double top) {
  const auto edge = [&](double bandwidth) {
    // Where the line enters and leaves the picture.
    const double begin = std::max(x.low, y.low / bandwidth);
    const double end = std::max(begin, std::min(x.high, top / bandwidth));
    return std::array<double, 4>{x.At(begin), y.At(begin * bandwidth), x.At(end),
                                 y.At(end * bandwidth)};
  };
  const auto low = edge(memory.low), high = edge(memory.high), middle = edge(memory.middle);
  std::string out = fmt::format(
      R"(<polygon class="band" points="{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}"/>)",
      low[0], low[1], low[2], low[3], high[2], high[3], high[0], high[1]);
  out += Line("roof", middle[0], middle[1], middle[2], middle[3]);
  const double angle =
      std::atan2(middle[3] - middle[1], middle[2] - middle[0]) * 180 / 3.14159265358979;
  out += fmt::format(
      R"svg(<text class="roofname" transform="translate({:.1f} {:.1f}) rotate({:.1f})" text-anchor="middle">{}</text>)svg",
      middle[0] + (middle[2] - middle[0]) * 0.45 - 6,
      middle[1] + (middle[3] - middle[1]) * 0.45 - 7, angle,
      Html("read " + Quantity(memory.middle, memory.unit)));
  return out;
}

std::string PeakRoof(const Axis& x, const Axis& y, const Roof& peak, double bandwidth) {
  const double begin = x.At(std::max(x.low, peak.middle / bandwidth));
  std::string out;
  if (peak.high > peak.low) {
    out +=
        fmt::format(R"(<rect class="band" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)",
                    begin, y.At(peak.high), x.to - begin, y.At(peak.low) - y.At(peak.high));
  }
  out += Line("roof", begin, y.At(peak.middle), x.to, y.At(peak.middle));
  std::string name = peak.metric.substr(0, peak.metric.find('_'));
  out += Text("roofname", begin + 14, y.At(peak.middle) - 6, "start",
              name + " " + Quantity(peak.middle, peak.unit));
  return out;
}

// Each point a dot on its exact place and its number beside it, below the roofs, where it hides
// neither another number nor another dot.
std::string Dots(const Axis& x, const Axis& y, const std::vector<Dot>& dots) {
  struct Spot {
    double x, y;
  };
  const auto away = [](const Spot& a, const Spot& b) { return std::hypot(a.x - b.x, a.y - b.y); };
  std::vector<Spot> exact, numbers;
  for (const Dot& dot : dots) exact.push_back({x.At(dot.intensity), y.At(dot.attained)});
  std::string leads, marks;
  for (std::size_t i = 0; i < dots.size(); ++i) {
    Spot number = exact[i];
    const auto free = [&](const Spot& spot) {
      return std::all_of(numbers.begin(), numbers.end(),
                         [&](const Spot& other) { return away(spot, other) >= 20; }) &&
             std::all_of(exact.begin(), exact.end(),
                         [&](const Spot& other) { return away(spot, other) >= 15; }) &&
             spot.x < kWidth - kRight - 8 && spot.y < kHeight - kBottom - 8;
    };
    // Below right, then round below, then farther out.
    bool placed = false;
    for (double radius = 18; radius < 140 && !placed; radius += 6) {
      for (const double degrees : {60.0, 30.0, 90.0, 10.0, 120.0}) {
        const double turn = degrees * 3.14159265358979 / 180;
        const Spot spot{exact[i].x + radius * std::cos(turn), exact[i].y + radius * std::sin(turn)};
        if (!free(spot)) continue;
        number = spot;
        placed = true;
        break;
      }
    }
    numbers.push_back(number);
    leads += Line("lead", exact[i].x, exact[i].y, number.x, number.y);
    marks += fmt::format(
        R"(<g><title>{}</title><circle class="point" cx="{:.1f}" cy="{:.1f}" r="4"/><circle class="badge" cx="{:.1f}" cy="{:.1f}" r="9"/><text class="badgetext" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text></g>)",
        Html(Label(*dots[i].record) + ": " + ShareOfRoof(*dots[i].record)), exact[i].x, exact[i].y,
        number.x, number.y, number.x, number.y + 4, i + 1);
  }
  return leads + marks;
}

}  // namespace

std::string RooflineSvg(const Result& result, const std::string& device, int threads,
                        const std::vector<const Record*>& points) {
  const Roof* memory = nullptr;
  std::vector<const Roof*> peaks;
  const std::vector<Roof> roofs = RoofsOf(result);
  for (const Roof& roof : roofs) {
    if (roof.device != device || roof.threads != threads || !(roof.low > 0)) continue;
    if (roof.metric == "read_bandwidth") memory = &roof;
    if (roof.metric.ends_with("_peak")) peaks.push_back(&roof);
  }
  if (memory == nullptr) return "";
  std::vector<Dot> dots;
  for (const Record* record : points) {
    const Roofline& line = *record->roofline;
    if (!(line.bytes > 0 && line.flops > 0 && line.fraction > 0)) continue;
    const double intensity = line.flops / line.bytes;
    double roof = memory->middle * intensity;
    if (line.bound == "compute") {
      roof = 0;
      for (const Roof* peak : peaks) {
        if (peak->metric == line.roof) roof = peak->middle;
      }
    }
    if (roof > 0) dots.push_back({intensity, roof * line.fraction, record});
  }
  if (dots.empty()) return "";

  double x_low = dots[0].intensity, x_high = x_low, y_low = dots[0].attained, top = y_low;
  for (const Dot& dot : dots) {
    x_low = std::min(x_low, dot.intensity);
    x_high = std::max(x_high, dot.intensity);
    y_low = std::min(y_low, dot.attained);
    top = std::max(top, dot.attained);
  }
  for (const Roof* peak : peaks) {
    x_high = std::max(x_high, peak->high / memory->low);
    top = std::max(top, peak->high);
  }
  const Axis x{x_low / 5, x_high * 4, kLeft, kWidth - kRight};
  const Axis y{y_low / 4, top * 1.9, kHeight - kBottom, kTop};
  std::string out = fmt::format(
      R"(<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="roofline-title roofline-desc">)",
      kWidth, kHeight);
  out += R"(<title id="roofline-title">Roofline</title><desc id="roofline-desc">)";
  out += Html("Operations per second over operations per byte, both logarithmic. Roofs of " +
              device + ": read " + Quantity(memory->middle, memory->unit));
  for (const Roof* peak : peaks) {
    out += Html(", " + peak->metric + " " + Quantity(peak->middle, peak->unit));
  }
  out += ". Points:";
  for (std::size_t i = 0; i < dots.size(); ++i) {
    out += Html(
        fmt::format(" {} {}, {};", i + 1, Label(*dots[i].record), ShareOfRoof(*dots[i].record)));
  }
  out += "</desc>" + Grid(x, y);
  out += MemoryRoof(x, y, *memory, peaks.empty() ? y.high : top);
  for (const Roof* peak : peaks) out += PeakRoof(x, y, *peak, memory->middle);
  return out + Dots(x, y, dots) + "</svg>";
}

}  // namespace inferometer
