// Where verdicts go: files, stdout, GitHub's summary and annotations. Shared by `ab` and `gate`.
#ifndef INFEROMETER_HARNESS_CLI_VERDICT_OUTPUTS_H_
#define INFEROMETER_HARNESS_CLI_VERDICT_OUTPUTS_H_

#include <string>
#include <vector>

#include "harness/gate/findings.h"
#include "harness/gate/policy.h"
#include "harness/gate/verdict_formats.h"

namespace CLI {
class App;
}

namespace inferometer {

class VerdictOutputs {
 public:
  // Adds one option for each format, --annotations, --policy and --inconclusive. The object must
  // live as long as the parser.
  void AddOptions(CLI::App& app);

  // The policy that was named, or the usual one, with --inconclusive over it. Throws
  // Error(kInvalidInput).
  Policy ReadPolicy() const;

  // Throws Error(kUsage) when a file could not be written or two texts go to one place.
  void Check() const;

  // Writes everything, then the verdict for people: on stdout, or on stderr where stdout is taken.
  // Where GITHUB_STEP_SUMMARY is set and --markdown is not given, the summary is added there.
  // Annotations go to stderr, which GitHub reads like stdout. Returns the exit code, so that no
  // pipe stands between the verdict and whoever asked for it.
  int Write(const Findings& findings, const Policy& policy) const;

  // The same for a comparison that ended in an error: what a summary and an annotation say.
  void WriteFailure(const std::string& message) const;

 private:
  struct Place {
    const VerdictFormat* format;
    std::string path;  // "-" is stdout
  };
  bool Annotates() const;

  std::vector<Place> places_;
  std::string policy_, inconclusive_, annotations_ = "auto";
};

// Appends to the file that GITHUB_STEP_SUMMARY names, if any.
void AppendToGithubSummary(const std::string& markdown);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_VERDICT_OUTPUTS_H_
