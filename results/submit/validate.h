// Whether a published result is what it says: pure, the same locally and in CI.
#ifndef INFEROMETER_RESULTS_SUBMIT_VALIDATE_H_
#define INFEROMETER_RESULTS_SUBMIT_VALIDATE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/submit/archive.h"
#include "results/submit/finding.h"

namespace inferometer {

struct Submission {
  std::string name;  // below results/public: "2026/05/0123456789abcdef.json"; empty: not placed yet
  std::string_view text;
  std::optional<std::string> signature;  // the text of NAME.minisig; empty: there is none
};

// Every check, in the order of the table of kinds. Later checks are left out where an earlier one
// leaves nothing to hold on to. Throws nothing for any text.
std::vector<Finding> Validate(const Submission& submission, const Archive& archive);

// One line of `git diff --name-status --no-renames`.
struct Change {
  char status = '?';  // 'A', 'M', 'D' ...
  std::string path;
};

// Throws Error(kInvalidInput) naming the line that is none.
std::vector<Change> ParseChanges(std::string_view text);

// What speaks against a change that should only add results below `folder` ("results/public"), and
// the results that it adds, relative to that folder.
struct Additions {
  std::vector<Finding> findings;
  std::vector<std::string> results;
};
Additions AdditionsOf(const std::vector<Change>& changes, const std::string& folder);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_VALIDATE_H_
