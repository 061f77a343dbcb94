// Bandwidth and latency over the size of a working set.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/report/curves.h"
#include "harness/report/escape.h"
#include "harness/report/quantity.h"
#include "harness/report/svg.h"

namespace inferometer {
namespace {

constexpr double kWidth = 520, kHeight = 340;
constexpr double kLeft = 74, kRight = 14, kTop = 22, kBottom = 44;

// One logarithmic axis onto [from, to] of the picture.
struct Axis {
  double low, high, from, to;
  double At(double value) const {
    return from + std::clamp(std::log(value / low) / std::log(high / low), 0.0, 1.0) * (to - from);
  }
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

std::string Grid(const Axis& x, const Axis& y, const std::string& unit) {
  std::string out;
  for (double octave = std::ceil(std::log2(x.low)); octave <= std::log2(x.high); octave += 1) {
    if (std::fmod(octave, 2) != 0) continue;
    const double bytes = std::exp2(octave), at = x.At(bytes);
    out += Line("grid", at, y.from, at, y.to);
    if (std::fmod(octave, 4) == 0) {
      out += Text("tick", at, y.from + 16, "middle", SetName(bytes));
    }
  }
  for (double decade = std::floor(std::log10(y.low)); decade <= std::log10(y.high); decade += 1) {
    for (const double multiple : {1.0, 2.0, 5.0}) {
      const double value = multiple * std::pow(10, decade);
      if (value < y.low || value > y.high) continue;
      out += Line("grid", x.from, y.At(value), x.to, y.At(value));
      Scale scale = ScaleFor(value * 1.0000001, unit);
      scale.decimals = 0;
      out +=
          Text("tick", x.from - 6, y.At(value) + 4, "end", Number(value, scale) + " " + scale.unit);
    }
  }
  return out + Text("axis", (x.from + x.to) / 2, kHeight - 8, "middle", "working set of a thread");
}

std::string NameOf(const Curve& curve) {
  if (curve.threads == 0) return curve.device;
  return fmt::format("{} thread{}", curve.threads, curve.threads == 1 ? "" : "s");
}

}  // namespace

std::string CurveSvg(const std::vector<Curve>& curves, const std::vector<SeenCache>& caches,
                     const std::string& title) {
  if (curves.empty()) return "";
  const CurvePoint first = curves.front().points.front();
  double x_low = first.bytes, x_high = first.bytes, y_low = first.value, y_high = first.value;
  for (const Curve& curve : curves) {
    for (const CurvePoint& point : curve.points) {
      x_low = std::min(x_low, point.bytes), x_high = std::max(x_high, point.bytes);
      y_low = std::min(y_low, point.value), y_high = std::max(y_high, point.value);
    }
  }
  const Axis x{x_low, std::max(x_high, 2 * x_low), kLeft, kWidth - kRight};
  const Axis y{y_low / 1.4, y_high * 1.6, kHeight - kBottom, kTop};
  const std::string id = curves.front().metric;
  std::string out = fmt::format(
      R"(<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}-title {}-desc">)",
      kWidth, kHeight, id, id);
  out += fmt::format(R"(<title id="{}-title">{}</title><desc id="{}-desc">)", id, Html(title), id);
  out += Html(title + " over the size of the working set, both logarithmic.");
  for (const Curve& curve : curves) {
    out += Html(fmt::format(
        " {}: {} at {}, {} at {}.", NameOf(curve), Quantity(curve.points.front().value, curve.unit),
        SetName(curve.points.front().bytes), Quantity(curve.points.back().value, curve.unit),
        SetName(curve.points.back().bytes)));
  }
  out += "</desc>" + Grid(x, y, curves.front().unit);
  for (const SeenCache& cache : caches) {
    if (cache.bytes < x.low || cache.bytes > x.high) continue;
    out += Line("mark", x.At(cache.bytes), y.from, x.At(cache.bytes), y.to);
    out += Text("tick", x.At(cache.bytes), kTop - 8, "middle", fmt::format("L{}", cache.level));
  }
  for (const Curve& curve : curves) {
    std::string path;
    for (const CurvePoint& point : curve.points) {
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x.At(point.bytes),
                          y.At(point.value));
      out += fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="2.5"/>)",
                         x.At(point.bytes), y.At(point.value));
    }
    out += fmt::format(R"(<path class="median" d="{}"/>)", path);
    if (curves.size() > 1) {
      const CurvePoint& middle = curve.points[curve.points.size() / 3];
      out += Text("roofname", x.At(middle.bytes), y.At(middle.value) - 8, "middle", NameOf(curve));
    }
  }
  return out + "</svg>";
}

}  // namespace inferometer
