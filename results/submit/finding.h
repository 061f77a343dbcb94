// What validation finds: one table of kinds, each with an id that never changes.
#ifndef INFEROMETER_RESULTS_SUBMIT_FINDING_H_
#define INFEROMETER_RESULTS_SUBMIT_FINDING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"

namespace inferometer {

enum class Severity : std::uint8_t {
  kInvalid,      // not what a submission is: refused, exit code 5
  kImplausible,  // physics or chance speak against it: refused, exit code 6
  kReview,       // accepted, and a person looks at it
  kWarn,         // accepted, and shown beside the result
};

std::string_view NameOf(Severity severity);  // "invalid", "implausible", "review", "warn"

// A row of the table that results/README.md shows.
struct FindingKind {
  std::string_view id;
  Severity severity;
  std::string_view when;
};

std::span<const FindingKind> FindingKinds();
// Throws Error when there is no such kind: a fault of the program.
const FindingKind& FindingKindOf(std::string_view id);

struct Finding {
  const FindingKind* kind;
  std::string file;  // as it was named; empty until it is known
  std::string path;  // "records[3].median"; empty for the whole file
  std::string what;  // what is wrong, with the figures
};

Finding MakeFinding(std::string_view id, std::string path, std::string what);

// kInvalidInput when one is invalid, else kImplausible when one is that, else kOk.
ExitCode ExitCodeOf(std::span<const Finding> findings);

// "FILE: invalid aggregate: records[3].median: ..."
std::string Describe(const Finding& finding);
std::string Describe(std::span<const Finding> findings);  // a line each

// A pipe table, one row per kind, ending in a newline.
std::string FindingsMarkdown();

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_FINDING_H_
