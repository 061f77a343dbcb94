// A comparison's findings as text for people and other tools: one table, one file each.
#ifndef INFEROMETER_HARNESS_GATE_VERDICT_FORMATS_H_
#define INFEROMETER_HARNESS_GATE_VERDICT_FORMATS_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "harness/gate/findings.h"
#include "harness/gate/policy.h"

namespace inferometer {

struct VerdictFormat {
  std::string_view flag;  // "--junit"
  std::string_view help;  // what it is for, lower case, no full stop
  // The whole text, ending in a newline. Pure.
  std::string (*render)(const Findings& findings, const Policy& policy);
};

std::span<const VerdictFormat> VerdictFormats();

// For a terminal: the verdict, then the rows that do not pass.
std::string VerdictConsole(const Findings& findings, const Policy& policy);

// For a job's summary and for a comment: regressions first, the rest folded, at the end how small a
// change could have been seen. Rows are left out, and counted, where the text would pass the limit:
// GitHub takes 1 MiB of summary from a step, and 65,536 characters of comment.
std::string VerdictMarkdown(const Findings& findings, const Policy& policy);
std::string VerdictComment(const Findings& findings, const Policy& policy);
inline constexpr std::size_t kMostMarkdownBytes = 1'000'000;
inline constexpr std::size_t kMostCommentBytes = 65'000;

// GitHub workflow commands, ::error and ::warning, the worst first and at most 10 of a kind, which
// is what GitHub shows of one step.
std::string VerdictAnnotations(const Findings& findings, const Policy& policy);
inline constexpr std::size_t kMostAnnotations = 10;

// JUnit XML: a test case for each row; regressions, missing and incomparable rows fail,
// inconclusive and new ones are skipped.
std::string VerdictJunit(const Findings& findings, const Policy& policy);

// The document of results/schema/verdict-1.0.json.
nlohmann::json VerdictDocument(const Findings& findings, const Policy& policy);
std::string VerdictJson(const Findings& findings, const Policy& policy);

// Bencher Metric Format: {benchmark: {measure: {value, lower_value, upper_value}}}, the head's.
std::string VerdictBencher(const Findings& findings, const Policy& policy);

// The "custom" input of github-action-benchmark: [{name, unit, value, range, extra}]. Its tools
// know one direction a file, so this is for customSmallerIsBetter: rates are given as time per
// unit.
std::string VerdictActionBenchmark(const Findings& findings, const Policy& policy);

// Words that the texts above share.
std::string ChangeText(const Finding& finding);            // "+3.1 % [+2.0, +4.4]"
std::string ValueText(const Finding& finding, bool head);  // "41.25 tok/s", "–"
std::string SensitivityText(const Findings& findings);     // one sentence

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_VERDICT_FORMATS_H_
