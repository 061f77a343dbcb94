// Where reports go: files and stdout, checked before anything is measured, written whole at the
// end.
#ifndef INFEROMETER_HARNESS_CLI_OUTPUTS_H_
#define INFEROMETER_HARNESS_CLI_OUTPUTS_H_

#include <string>
#include <vector>

#include "harness/report/report.h"
#include "results/record.h"

namespace CLI {
class App;
}

namespace inferometer {

class Outputs {
 public:
  // Adds one option for each report format. The object must live as long as the parser.
  void AddOptions(CLI::App& app);

  bool empty() const { return places_.empty(); }
  // Whether a report was sent to stdout with '-'.
  bool TakesStdout() const;

  // Throws Error(kUsage) when two reports go to the same place or one could not be written there.
  void Check() const;

  // Writes every report; files appear whole or not at all.
  void Write(const Result& result) const;
  // A line for each file: "wrote result.html". Empty when there are none.
  std::string Written() const;

 private:
  struct Place {
    const ReportFormat* format;
    std::string path;  // "-" is stdout
  };
  std::vector<Place> places_;
};

// The console summary, on stdout or stderr, coloured where that is a terminal that wants colour.
void PrintSummary(const Result& result, bool on_stderr);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_OUTPUTS_H_
