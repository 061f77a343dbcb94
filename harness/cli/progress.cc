// Shows on stderr what a run is doing: one live line on a terminal, plain lines elsewhere.
#include "harness/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer {
namespace {

constexpr double kRedrawsPerSecond = 10;
constexpr double kMostCredit = 3;
constexpr double kSignOfLifeSeconds = 30;

std::string Duration(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(std::clamp(seconds, 0.0, 359999.0)));
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

// What follows the description: how far the case is and how long the run will take.
std::string Figures(const Progress& progress) {
  std::string figures;
  if (progress.repetition > 0) figures += fmt::format(" | rep {}", progress.repetition);
  if (progress.median) {
    figures += fmt::format("{}{:.4g} {}", progress.repetition > 0 ? ", " : " | ", *progress.median,
                           progress.unit);
  }
  if (progress.eta_s) figures += fmt::format(" | {} left", Duration(*progress.eta_s));
  return Printable(figures);
}

std::string Heading(const Progress& progress) {
  const std::string count =
      progress.total > 0 ? fmt::format("[{}/{}] ", progress.done, progress.total) : "";
  return Printable(count + progress.phase + (progress.what.empty() ? "" : " ") + progress.what);
}

}  // namespace

ProgressStyle ProgressStyleOf(std::string_view name, const Terminal& terminal) {
  if (name == "auto") return terminal.live ? ProgressStyle::kLive : ProgressStyle::kPlain;
  if (name == "plain") return ProgressStyle::kPlain;
  if (name == "none") return ProgressStyle::kNone;
  throw Error(ExitCode::kUsage, UnknownName("--progress", name, {"auto", "plain", "none"}));
}

std::string ProgressLine(const Progress& progress, std::size_t width) {
  const std::string heading = Heading(progress);
  const std::string figures = Figures(progress);
  constexpr std::size_t kShortestHeading = 24;
  const std::size_t room = width > ColumnsOf(figures) ? width - ColumnsOf(figures) : 0;
  if (room >= std::min(ColumnsOf(heading), kShortestHeading)) {
    return Shorten(heading, room) + figures;
  }
  return Shorten(heading, width);
}

ProgressDisplay::ProgressDisplay(ProgressStyle style, bool color,
                                 std::function<std::size_t()> width,
                                 std::function<void(std::string_view)> write)
    : style_(style), color_(color), width_(std::move(width)), write_(std::move(write)) {}

void ProgressDisplay::Show(const Progress& progress, double now_s) {
  if (style_ == ProgressStyle::kNone) return;
  const std::string key = progress.phase + '\n' + progress.what;
  if (style_ == ProgressStyle::kPlain) {
    const bool fresh = announced_.insert(key).second;
    if (!fresh && now_s - last_s_ < kSignOfLifeSeconds) return;
    last_s_ = now_s;
    write_(Heading(progress) + Figures(progress) + "\n");
    return;
  }
  if (started_) {
    credit_ = std::min(kMostCredit, credit_ + (now_s - last_s_) * kRedrawsPerSecond);
  }
  started_ = true;
  last_s_ = now_s;
  // Redraws within a phase leave one to the beginning of the next.
  if (credit_ < (key == last_key_ ? 2 : 1)) return;
  credit_ -= 1;
  last_key_ = key;
  const std::size_t width = width_();
  // The last column stays free: a terminal may wrap when it is written.
  const std::string line = ProgressLine(progress, width > 1 ? width - 1 : 0);
  write_(color_ ? fmt::format("\r\x1b[36m{}\x1b[0m\x1b[K", line) : fmt::format("\r{}\x1b[K", line));
  drawn_ = true;
}

void ProgressDisplay::Clear() {
  if (drawn_) write_("\r\x1b[K");
  drawn_ = false;
}

}  // namespace inferometer
