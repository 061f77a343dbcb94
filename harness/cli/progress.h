// Shows on stderr what a run is doing: one live line on a terminal, plain lines elsewhere.
#ifndef INFEROMETER_HARNESS_CLI_PROGRESS_H_
#define INFEROMETER_HARNESS_CLI_PROGRESS_H_

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "harness/cli/terminal.h"
#include "harness/runner/run.h"

namespace inferometer {

enum class ProgressStyle : unsigned char { kNone, kPlain, kLive };

// "auto", "plain" or "none" on this terminal. Throws Error(kUsage) with the nearest name.
ProgressStyle ProgressStyleOf(std::string_view name, const Terminal& terminal);

// "[3/8] measure decode llama-3.2-1b, depth 0 on cpu:avx2 | rep 7, 41.2 tok/s | 1:20 left", at most
// `width` columns: the description gives way first, then the figures.
std::string ProgressLine(const Progress& progress, std::size_t width);

class ProgressDisplay {
 public:
  // `write` takes each piece of text at once; `width` is asked before each redraw.
  ProgressDisplay(ProgressStyle style, bool color, std::function<std::size_t()> width,
                  std::function<void(std::string_view)> write);
  ~ProgressDisplay() { Clear(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  // At `now_s` on the steady clock. Live: redraws at most ten times a second in the long run (a new
  // phase may use up to three redraws saved, so that a long repetition never shows a stale one).
  // Plain: a line when a phase of a case begins and a sign of life every half minute.
  void Show(const Progress& progress, double now_s);

  // Takes the live line away.
  void Clear();

 private:
  const ProgressStyle style_;
  const bool color_;
  const std::function<std::size_t()> width_;
  const std::function<void(std::string_view)> write_;
  double credit_ = 1;  // redraws that may be made at once
  double last_s_ = 0;
  bool started_ = false, drawn_ = false;
  std::string last_key_;
  std::set<std::string> announced_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_PROGRESS_H_
