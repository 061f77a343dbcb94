// The summary for a terminal of 80 columns.
#include <fmt/format.h>

#include <algorithm>

#include "harness/report/curves.h"
#include "harness/report/escape.h"
#include "harness/report/formats.h"
#include "harness/report/limit.h"
#include "harness/report/quantity.h"
#include "harness/report/rows.h"
#include "results/metrics.h"
#include "results/result_file.h"
#include "results/score.h"

namespace inferometer {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kLabel = 22, kMedian = 14, kInterval = 16, kCount = 4, kShare = 12;

class Painter {
 public:
  explicit Painter(bool color) : color_(color) {}
  std::string Bold(const std::string& text) const { return Paint("1", text); }
  std::string Dim(const std::string& text) const { return Paint("2", text); }
  std::string Red(const std::string& text) const { return Paint("31", text); }
  std::string Green(const std::string& text) const { return Paint("32", text); }
  std::string Yellow(const std::string& text) const { return Paint("33", text); }

 private:
  std::string Paint(const char* code, const std::string& text) const {
    return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
  bool color_;
};

// A label that is wider than its column ends on a line of its own.
std::string LabelColumn(const Record& record) {
  const std::string label = Plain(Label(record));
  const std::size_t space = label.rfind(' ', kLabel);
  if (label.size() <= kLabel || space == std::string::npos) return PadRight(label, kLabel);
  return label.substr(0, space) + "\n" + PadRight("    " + label.substr(space + 1), kLabel);
}

std::string OkRow(const Record& record, const Painter& paint) {
  const Metric* metric = FindMetric(record.metric);
  const Scale scale = ScaleFor(record.median, metric ? metric->unit : "1");
  std::string line = LabelColumn(record);
  line += paint.Bold(PadLeft(Number(record.median, scale) + " " + scale.unit, kMedian)) + " ";
  line += PadLeft(IntervalText(record, scale), kInterval) + " ";
  line += PadLeft(std::to_string(record.samples.size()), kCount) + "  ";
  line += PadRight(Plain(ShareOfRoof(record)), kShare) + " ";
  line += !record.conformance        ? paint.Dim("–")
          : record.conformance->pass ? paint.Green("✓")
                                     : paint.Red("✗");
  line += "\n";
  const std::string caveat = Caveat(record);
  if (!caveat.empty()) line += paint.Yellow(Wrap("    " + caveat, kWidth, 4)) + "\n";
  return line;
}

std::string OtherRow(const Record& record, const Painter& paint) {
  const std::string status(NameOf(record.status));
  const std::string text = Wrap(
      fmt::format("{}{}: {}", PadRight(Plain(Label(record)), kLabel), status, Plain(record.reason)),
      kWidth, 4);
  // The status is coloured where it stands, after the widths are settled.
  const std::size_t at = text.find(status + ":", kLabel);
  if (at == std::string::npos) return text + "\n";
  const bool failed = record.status == Status::kFailed;
  return text.substr(0, at) + (failed ? paint.Red(status) : paint.Yellow(status)) +
         text.substr(at + status.size()) + "\n";
}

std::string RoofLines(const Result& result) {
  std::string text;
  const std::vector<Roof> roofs = RoofsOf(result);
  const bool several = std::any_of(roofs.begin(), roofs.end(), [&](const Roof& a) {
    return std::any_of(roofs.begin(), roofs.end(), [&](const Roof& b) {
      return a.metric == b.metric && a.device == b.device && a.threads != b.threads;
    });
  });
  for (const Roof& roof : roofs) {
    const Metric* metric = FindMetric(roof.metric);
    const Scale scale = ScaleFor(roof.middle, roof.unit);
    std::string line = PadRight(metric ? std::string(metric->label) : roof.metric, kLabel);
    line += PadLeft(Number(roof.middle, scale) + " " + scale.unit, kMedian) + " ";
    line += PadLeft(roof.n > 1 ? Number(roof.low, scale) + " – " + Number(roof.high, scale) : "",
                    kInterval);
    line += " " + PadLeft(std::to_string(roof.n), kCount) + "  ";
    // How many threads, where that is not the same for all.
    const std::string device =
        several ? fmt::format("{}/{}", roof.device, roof.threads) : roof.device;
    line += PadRight(Plain(device), kWidth - Columns(line));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// A few points of the curves, one working set a line, and the caches.
std::string CurveLines(const Result& result, const Painter& paint) {
  const std::vector<Curve> curves = CurvesOf(result);
  if (curves.empty()) return "";
  constexpr std::size_t kColumn = 15, kMost = 4;
  std::string text = PadRight("Working set", kLabel);
  std::vector<const Curve*> shown;  // the ends, where there are more than fit
  for (const Curve& curve : curves) {
    if (shown.size() == kMost) shown.erase(shown.begin() + 1);
    shown.push_back(&curve);
  }
  std::string heading;
  for (const Curve* curve : shown) {
    const std::string threads = curve->threads > 0 ? fmt::format("{} thread{}", curve->threads,
                                                                 curve->threads == 1 ? "" : "s")
                                                   : "device";
    heading += PadLeft(curve->metric == "access_latency" ? "latency" : threads, kColumn);
  }
  text = paint.Bold(text) + paint.Dim(heading) + "\n";
  for (double bytes = 4096; bytes < 1e12; bytes *= 4) {
    std::string line;
    bool any = false;
    for (const Curve* curve : shown) {
      const auto point = std::find_if(curve->points.begin(), curve->points.end(),
                                      [=](const CurvePoint& p) { return p.bytes == bytes; });
      const bool found = point != curve->points.end();
      any = any || found;
      line += PadLeft(found ? Quantity(point->value, curve->unit) : "", kColumn);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (any) text += PadRight("  " + SetName(bytes), kLabel) + line + "\n";
  }
  const std::vector<SeenCache> caches = SeenCachesOf(result);
  if (!caches.empty()) text += "\n" + paint.Bold("Caches as software sees them") + "\n";
  for (const SeenCache& cache : caches) text += "  " + Plain(Describe(cache)) + "\n";
  return text;
}

// What takes longest of each profiled step.
std::string ProfileLines(const Result& result, const Painter& paint) {
  constexpr std::size_t kMost = 8, kOps = 40;
  std::string text;
  for (const Profile& profile : result.profiles) {
    std::string title = fmt::format("Profile of {} on {}", profile.model, profile.device);
    if (!profile.params.empty()) {
      title += fmt::format(", tokens {}, depth {}", profile.params.value("tokens", 0),
                           profile.params.value("depth", 0));
    }
    text += "\n" + paint.Bold(Wrap(Plain(title), kWidth, 2)) + "\n";
    if (!profile.reason.empty()) {
      text += Wrap("  none: " + Plain(profile.reason), kWidth, 4) + "\n";
      continue;
    }
    double sum_s = 0;
    std::int64_t count = 0;
    for (const ProfilePart& part : profile.parts) sum_s += part.device_s, count += part.count;
    for (std::size_t i = 0; i < std::min(kMost, profile.parts.size()); ++i) {
      const ProfilePart& part = profile.parts[i];
      text +=
          PadLeft(Percent(part.device_s / sum_s), 6) + PadLeft(fmt::format("{}x", part.count), 6);
      text += "  " + PadRight(Plain(part.ops).substr(0, kOps), kOps);
      if (part.device_s > 0 && part.bytes > 0) {
        text += PadLeft(Quantity(part.bytes / part.device_s, "B/s"), 11);
      }
      if (part.device_s > 0 && part.flops > 0) {
        text += PadLeft(Quantity(part.flops / part.device_s, "flop/s"), 15);
      }
      text.erase(text.find_last_not_of(' ') + 1);
      text += "\n";
    }
    const std::string host =
        profile.host_s ? fmt::format(", the host adds {}", Quantity(*profile.host_s, "s")) : "";
    text += paint.Dim(fmt::format("  {} parts take {} one by one, the step {}{}", count,
                                  Quantity(sum_s, "s"), Quantity(profile.step_s, "s"), host)) +
            "\n";
  }
  return text;
}

}  // namespace

std::string RenderConsole(const Result& result, const Style& style) {
  const Painter paint(style.color);
  std::string out = paint.Bold(Wrap(Plain(DeviceLine(result)), kWidth, 2)) + "\n";
  out += paint.Dim(Wrap(Plain(RunLine(result)), kWidth, 2)) + "\n";
  for (const Group& group : GroupsOf(result)) {
    out += "\n" + paint.Bold(Wrap(Plain(group.heading), kWidth, 2)) + "\n";
    bool header = false;
    for (const Record* record : group.records) {
      if (record->status == Status::kOk && !header) {
        out += paint.Dim(PadRight("", kLabel) + PadLeft("median", kMedian) + " " +
                         PadLeft("95 % interval", kInterval) + " " + PadLeft("n", kCount) + "  " +
                         PadRight("of the roof", kShare) + " correct") +
               "\n";
        header = true;
      }
      out += record->status == Status::kOk ? OkRow(*record, paint) : OtherRow(*record, paint);
    }
  }
  const std::string roofs = RoofLines(result);
  if (!roofs.empty()) {
    out += "\n" + paint.Bold(PadRight("Roofs", kLabel)) +
           paint.Dim(PadLeft("middle", kMedian) + " " + PadLeft("over the run", kInterval) + " " +
                     PadLeft("n", kCount) + "  device") +
           "\n" + roofs;
  }
  const std::string curves = CurveLines(result, paint);
  if (!curves.empty()) out += "\n" + curves;
  out += ProfileLines(result, paint);
  for (const Score& score : Scores(result.records)) {
    if (!score.value) continue;
    out += fmt::format("\n{} {:.0f}  {}\n", paint.Bold("Score"), *score.value,
                       Plain(fmt::format("{} tier on {}", score.tier, score.device)));
  }
  out += "\n" + Wrap(Plain(WhatLimits(result)), kWidth, 0) + "\n";
  const std::string incomplete = IncompleteLine(result);
  if (!incomplete.empty()) out += "\n" + paint.Yellow(Wrap(Plain(incomplete), kWidth, 0)) + "\n";
  if (!result.warnings.empty()) out += "\n" + paint.Yellow("Warnings") + "\n";
  for (const Warning& warning : result.warnings) {
    out += Wrap("  " + Plain(warning.message), kWidth, 4) + "\n";
    out += Wrap("    -> " + Plain(warning.remedy), kWidth, 7) + "\n";
  }
  return out;
}

}  // namespace inferometer
