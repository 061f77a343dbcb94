// What every command that measures does around it: progress, Ctrl-C, reports, exit code.
#include "harness/cli/measuring.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/interrupt.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"

namespace inferometer {

int MeasureAndReport(const Outputs& outputs, const std::string& style, std::string_view piece,
                     const Measuring& measure) {
  outputs.Check();
  const Terminal terminal = DescribeTerminal(STDERR_FILENO);
  ProgressDisplay display(
      ProgressStyleOf(style, terminal), terminal.color,
      [] { return DescribeTerminal(STDERR_FILENO).width; }, PrintErr);
  const std::string note = fmt::format(
      "\nending after this {} and writing what was measured; interrupt again to stop at once\n",
      piece);
  const Interrupt interrupt(note);
  const Result result =
      measure([&display](const Progress& progress) { display.Show(progress, NowSeconds()); },
              [] { return Interrupt::Signal() != 0; });
  display.Clear();
  outputs.Write(result);
  PrintSummary(result, outputs.TakesStdout());
  if (terminal.live) PrintErr(outputs.Written());
  if (Interrupt::Signal() != 0) return 128 + Interrupt::Signal();
  const bool failed = std::any_of(result.records.begin(), result.records.end(),
                                  [](const Record& r) { return r.status == Status::kFailed; });
  return static_cast<int>(failed ? ExitCode::kRowsFailed : ExitCode::kOk);
}

}  // namespace inferometer
