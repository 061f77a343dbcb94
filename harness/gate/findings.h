// What a comparison found: one finding for each row, and the verdict over all of them.
#ifndef INFEROMETER_HARNESS_GATE_FINDINGS_H_
#define INFEROMETER_HARNESS_GATE_FINDINGS_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"
#include "harness/gate/policy.h"
#include "harness/gate/rule.h"
#include "harness/stats/interval.h"
#include "results/metrics.h"
#include "results/record.h"

namespace inferometer {

struct Finding {
  std::string row;    // RowId; with "#bytes" and the like behind it for exact values
  std::string label;  // for people
  std::string workload, metric, unit, device, model;
  std::optional<Better> better;  // empty: only equal is good
  Verdict verdict = Verdict::kInconclusive;
  std::string reason;  // where the numbers do not say it
  bool exact = false;
  std::optional<double> base, head;         // medians of the runs' medians
  std::string base_text, head_text;         // of exact values that are text
  std::optional<double> change;             // head / base - 1
  std::optional<Interval> change_interval;  // 95 %
  double worse = 0;                         // log ratio, above 0 is worse: for the order
  std::optional<double> threshold, smallest_seen;
  std::size_t pairs = 0;
  bool confirmed = false;  // the numbers are those of the second stage
};

// How a fixed kernel moved between the arms.
struct Control {
  std::string name;  // "arithmetic", "memory"
  Effect effect;
  bool moved = false;  // certainly, and by more than the policy's limit
};

struct Findings {
  bool paired = true;
  nlohmann::json base, head;  // what they are: engine, version, commit
  std::vector<Finding> rows;
  std::vector<Control> controls;
  std::vector<std::string> differences, notes;
  std::size_t pairs = 0;  // that were run, both stages together
  double duration_s = 0;
  // Why everything is inconclusive; empty when it is not.
  std::string contaminated;
};

// The finding of a row without numbers.
Finding FindingOf(const Record& record);

// Puts an effect into a finding, `worse` turned back into a change of the metric.
void PutEffect(Finding& finding, const Effect& effect, const RowLimit& limit, bool confirming);

// Exact values of two rows; `policy` says whether a change is a regression or a note.
void AddExact(Findings& findings, const Record& base, const Record& head, const Policy& policy);

// A finding for each of the policy's requirements that no row of these ids' findings meets.
void AddRequired(Findings& findings, const Policy& policy);

// All but missing and incomparable rows become inconclusive, for `reason`.
void Contaminate(Findings& findings, const std::string& reason);

// Regressions first, the largest change first within a verdict.
void SortFindings(Findings& findings);

// "6 rows pass, 1 regression: decode @0 is 8.1 % slower".
std::string Summary(const Findings& findings);

std::size_t Count(const Findings& findings, Verdict verdict);

// By the worst: 1 regression, 4 incomparable, 9 missing, 3 when no row was timed in both arms or
// when one is inconclusive and the policy says that is a failure, else 0.
ExitCode ExitCodeOf(const Findings& findings, const Policy& policy);

// The smallest changes that the rows could have seen: least, middle, most.
struct Sensitivity {
  double least = 0, middle = 0, most = 0;
};
std::optional<Sensitivity> SensitivityOf(const Findings& findings);

// What an arm is, from one of its results.
nlohmann::json DescribeArm(const Result& result);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_FINDINGS_H_
