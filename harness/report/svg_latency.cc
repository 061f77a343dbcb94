// Per-token latency: a strip over the sequence and the histogram beside it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/report/escape.h"
#include "harness/report/quantity.h"
#include "harness/report/rows.h"
#include "harness/report/svg.h"

namespace inferometer {
namespace {

constexpr double kWidth = 520, kHeight = 340;
constexpr double kLeft = 66, kStripEnd = 400, kBarsFrom = 412, kBarsTo = 506;
constexpr double kTop = 14, kFloor = 296;
constexpr std::size_t kBins = 32;
constexpr std::size_t kMostDots = 1500;  // beyond it a page grows without showing more

// Middle value, or the mean of the middle two.
double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

// The smallest value that at least a share q of the values does not exceed (type 1 of Hyndman and
// Fan, "Sample quantiles in statistical packages", 1996). `sorted` is not empty.
double Quantile(const std::vector<double>& sorted, double q) {
  const double rank = std::ceil(q * static_cast<double>(sorted.size())) - 1;
  return sorted[static_cast<std::size_t>(
      std::clamp(rank, 0.0, static_cast<double>(sorted.size() - 1)))];
}

// 1, 2 or 5 times a power of ten, about a fifth of `span`.
double NiceStep(double span) {
  const double rough = span / 5, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double multiple : {1.0, 2.0, 5.0}) {
    if (multiple * power >= rough) return multiple * power;
  }
  return 10 * power;
}

std::string Bars(const std::vector<double>& sorted, double bottom, double top) {
  std::size_t counts[kBins] = {};
  for (const double gap : sorted) {
    const double share = std::clamp((gap - bottom) / (top - bottom), 0.0, 1.0);
    ++counts[std::min(kBins - 1, static_cast<std::size_t>(share * static_cast<double>(kBins)))];
  }
  const auto most = static_cast<double>(*std::max_element(std::begin(counts), std::end(counts)));
  const double height = (kFloor - kTop) / static_cast<double>(kBins);
  std::string out;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    if (counts[bin] == 0) continue;
    // A single token stays visible beside a thousand.
    const double width =
        std::max(1.5, static_cast<double>(counts[bin]) / most * (kBarsTo - kBarsFrom));
    out += fmt::format(
        R"(<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", kBarsFrom,
        kFloor - static_cast<double>(bin + 1) * height + 0.5, width, height - 1);
  }
  return out;
}

}  // namespace

std::string TokenLatencySvg(const Record& record) {
  std::vector<std::vector<double>> at_place;  // gaps before token i + 2 of every repetition
  std::vector<double> sorted;
  for (const std::vector<double>& times : record.token_times_s) {
    for (std::size_t i = 1; i < times.size(); ++i) {
      if (at_place.size() < i) at_place.resize(i);
      at_place[i - 1].push_back(times[i] - times[i - 1]);
      sorted.push_back(at_place[i - 1].back());
    }
  }
  if (sorted.empty()) return "";
  std::sort(sorted.begin(), sorted.end());
  if (!(sorted.back() > 0)) return "";
  const double p50 = Quantile(sorted, 0.5), p95 = Quantile(sorted, 0.95);
  // Rare spikes may not flatten everything else: beyond three times p95 a dot stays at the edge.
  const double most = std::min(sorted.back(), 3 * p95);
  // Where all tokens lie in the upper half of the scale, it starts closer to them than at 0.
  const double least =
      sorted.front() > most / 2 ? sorted.front() - (most - sorted.front()) * 0.25 : 0;
  const double bottom = std::max(0.0, std::min(least, sorted.front() * 0.98));
  const double top = most + (most - bottom) * 0.08;
  const auto x = [&](std::size_t i) {
    const double share =
        static_cast<double>(i) / std::max(1.0, static_cast<double>(at_place.size() - 1));
    return kLeft + 4 + share * (kStripEnd - kLeft - 8);
  };
  const auto y = [&](double gap) {
    return kFloor - std::clamp((gap - bottom) / (top - bottom), 0.0, 1.0) * (kFloor - kTop);
  };

  std::string out = fmt::format(
      R"(<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="latency-title latency-desc">)",
      kWidth, kHeight);
  out += R"(<title id="latency-title">Time of each token</title><desc id="latency-desc">)";
  out += Html(fmt::format("{}: {} token times of {} repetitions; p50 {}, p95 {}, longest {}.",
                          Label(record), sorted.size(), record.token_times_s.size(),
                          Quantity(p50, "s"), Quantity(p95, "s"), Quantity(sorted.back(), "s")));
  out += "</desc>";

  Scale scale = ScaleFor(most, "s");
  const double step = NiceStep((top - bottom) * scale.factor);
  scale.decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step)));
  for (double tick = std::ceil(bottom * scale.factor / step) * step; tick <= top * scale.factor;
       tick += step) {
    const double value = tick / scale.factor;
    out += fmt::format(R"(<line class="grid" x1="{:.0f}" y1="{:.1f}" x2="{:.0f}" y2="{:.1f}"/>)",
                       kLeft, y(value), kBarsTo, y(value));
    out += fmt::format(R"(<text class="tick" x="{:.0f}" y="{:.1f}" text-anchor="end">{}</text>)",
                       kLeft - 6, y(value) + 4, Number(value, scale));
  }
  const std::size_t stride = sorted.size() / kMostDots + 1;
  std::size_t dot = 0;
  std::string path;
  for (std::size_t i = 0; i < at_place.size(); ++i) {
    for (const double gap : at_place[i]) {
      if (dot++ % stride != 0) continue;
      out += fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="1.8"/>)", x(i), y(gap));
    }
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x(i), y(Median(at_place[i])));
  }
  out += fmt::format(R"(<path class="median" d="{}"/>)", path) + Bars(sorted, bottom, top);
  const struct {
    const char* name;
    double value;
  } marks[] = {{"p50", p50}, {"p95", p95}};
  for (const auto& mark : marks) {
    out += fmt::format(R"(<line class="mark" x1="{:.0f}" y1="{:.1f}" x2="{:.0f}" y2="{:.1f}"/>)",
                       kLeft, y(mark.value), kBarsTo, y(mark.value));
    // p50 below its line, p95 above: they are often close.
    const double below = mark.value < p95 ? 15 : -6;
    out += fmt::format(
        R"(<text class="roofname" x="{:.0f}" y="{:.1f}" text-anchor="end">{} {}</text>)", kBarsTo,
        y(mark.value) + below, mark.name, Html(Quantity(mark.value, "s")));
  }
  out += fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.0f}" text-anchor="middle">2</text>)",
                     x(0), kFloor + 16);
  if (at_place.size() > 1) {
    out += fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.0f}" text-anchor="middle">{}</text>)",
                       x(at_place.size() - 1), kFloor + 16, at_place.size() + 1);
  }
  out += fmt::format(
      R"(<text class="axis" x="{:.0f}" y="{:.0f}" text-anchor="middle">place of the token</text>)",
      (kLeft + kStripEnd) / 2, kHeight - 8);
  out += fmt::format(
      R"(<text class="axis" x="{:.0f}" y="{:.0f}" text-anchor="middle">how often</text>)",
      (kBarsFrom + kBarsTo) / 2, kHeight - 8);
  out += fmt::format(
      R"svg(<text class="axis" transform="translate(11 {:.0f}) rotate(-90)" text-anchor="middle">{} after the token before</text>)svg",
      (kTop + kFloor) / 2, scale.unit);
  return out + "</svg>";
}

}  // namespace inferometer
