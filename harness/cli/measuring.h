// What every command that measures does around it: progress, Ctrl-C, reports, exit code.
#ifndef INFEROMETER_HARNESS_CLI_MEASURING_H_
#define INFEROMETER_HARNESS_CLI_MEASURING_H_

#include <functional>
#include <string>
#include <string_view>

#include "harness/cli/outputs.h"
#include "harness/runner/run.h"

namespace inferometer {

using Measuring = std::function<Result(const OnProgress&, const std::function<bool()>& stop)>;

// Tries the outputs, measures, writes the reports and prints the summary. `style` is that of
// --progress; `piece` is what Ctrl-C still lets end: "repetition". Returns the exit code: 128 and
// the signal when interrupted, kRowsFailed when a row failed.
int MeasureAndReport(const Outputs& outputs, const std::string& style, std::string_view piece,
                     const Measuring& measure);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_MEASURING_H_
