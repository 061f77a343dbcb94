// The list of verdict formats and the words that they share.
#include "harness/gate/verdict_formats.h"

#include <fmt/format.h>

#include "harness/report/quantity.h"

namespace inferometer {
namespace {

constexpr VerdictFormat kFormats[] = {
    {"--json", "the verdict: every row, its numbers, why", VerdictJson},
    {"--markdown", "for a job's summary, under 1 MiB", VerdictMarkdown},
    {"--pr-comment", "for a comment, under 65,536 characters", VerdictComment},
    {"--junit", "JUnit XML; inconclusive is skipped", VerdictJunit},
    {"--bencher", "Bencher Metric Format of the head", VerdictBencher},
    {"--github-action-benchmark", "its customSmallerIsBetter input, of the head",
     VerdictActionBenchmark},
};

}  // namespace

std::span<const VerdictFormat> VerdictFormats() { return kFormats; }

std::string ChangeText(const Finding& finding) {
  if (!finding.change) return "–";
  std::string text = fmt::format("{:+.1f} %", 100 * *finding.change);
  if (finding.change_interval) {
    text += fmt::format(" [{:+.1f}, {:+.1f}]", 100 * finding.change_interval->low,
                        100 * finding.change_interval->high);
  }
  return text;
}

std::string ValueText(const Finding& finding, bool head) {
  const std::optional<double>& value = head ? finding.head : finding.base;
  const std::string& text = head ? finding.head_text : finding.base_text;
  if (finding.exact && !text.empty()) return text.size() > 16 ? text.substr(0, 12) + "..." : text;
  return value ? Quantity(*value, finding.unit) : "–";
}

std::string SensitivityText(const Findings& findings) {
  const auto seen = SensitivityOf(findings);
  if (!seen) return "No row has enough pairs to say how small a change it could have seen.";
  return fmt::format(
      "The smallest change this run could have seen: {:.1f} % in the steadiest row, {:.1f} % in "
      "the middle one, {:.1f} % in the noisiest.",
      100 * seen->least, 100 * seen->middle, 100 * seen->most);
}

}  // namespace inferometer
