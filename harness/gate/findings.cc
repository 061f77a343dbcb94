// Findings from effects and exact values, and the verdict over all.
#include "harness/gate/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/gate/row.h"
#include "harness/report/rows.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

bool HasNumbers(Verdict verdict) {
  return verdict != Verdict::kMissing && verdict != Verdict::kIncomparable &&
         verdict != Verdict::kNew;
}

std::string Counted(std::size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

// "slower" is no word for every metric.
std::string Worse(const Finding& finding) {
  if (!finding.change) return finding.label + ": " + finding.reason;
  const std::string text = fmt::format("{:+.1f} %", 100 * *finding.change);
  return fmt::format("{} {}", finding.label, text);
}

// Whether any row was timed in both arms.
bool HasTimes(const Findings& findings) {
  return std::any_of(findings.rows.begin(), findings.rows.end(),
                     [](const Finding& finding) { return !finding.exact && finding.pairs > 0; });
}

Finding ExactFinding(const Record& base, const ExactValue& was, const ExactValue& is, bool gate) {
  Finding finding = FindingOf(base);
  if (was.name != base.metric) {
    finding.row += "#" + was.name;
    finding.label += " " + was.name;
    finding.unit = was.name == "bytes" ? "B" : "1";
  }
  finding.exact = true;
  finding.better.reset();
  finding.base_text = was.text;
  finding.head_text = is.text;
  if (was.is_cost) {
    finding.better = Better::kLower;
    finding.base = was.number;
    finding.head = is.number;
    if (was.number > 0 && is.number > 0) {
      finding.change = is.number / was.number - 1;
      finding.worse = std::log(is.number / was.number);
    }
  }
  finding.verdict = Verdict::kPass;
  if (was.text == is.text) return finding;
  const bool less = was.is_cost && is.number < was.number;
  finding.verdict = less ? Verdict::kImprovement : gate ? Verdict::kRegression : Verdict::kPass;
  finding.reason = was.is_cost ? "repetitions cannot change this value"
                               : "the same tokens in gave other tokens out";
  return finding;
}

}  // namespace

Finding FindingOf(const Record& record) {
  Finding finding;
  finding.row = RowId(record);
  finding.label = Label(record);
  finding.workload = record.workload;
  finding.metric = record.metric;
  finding.device = record.device;
  if (record.model) finding.model = record.model->name + " " + record.model->quant;
  if (const Metric* metric = FindMetric(record.metric)) {
    finding.unit = metric->unit;
    finding.better = metric->better;
  }
  return finding;
}

void PutEffect(Finding& finding, const Effect& effect, const RowLimit& limit, bool confirming) {
  finding.verdict = Decide(effect, limit.threshold, confirming);
  finding.threshold = limit.threshold;
  finding.pairs = effect.n;
  finding.confirmed = confirming;
  finding.smallest_seen = SmallestSeen(effect, limit.threshold);
  if (effect.n == 0) return;
  finding.worse = effect.worse;
  const double sign = finding.better == Better::kHigher ? -1 : 1;
  finding.change = std::expm1(sign * effect.worse);
  if (effect.interval) {
    const double a = std::expm1(sign * effect.interval->low);
    const double b = std::expm1(sign * effect.interval->high);
    finding.change_interval = Interval{std::min(a, b), std::max(a, b)};
  }
}

void AddExact(Findings& findings, const Record& base, const Record& head, const Policy& policy) {
  const std::vector<ExactValue> now = ExactValues(head);
  for (const ExactValue& was : ExactValues(base)) {
    const auto is = std::find_if(now.begin(), now.end(),
                                 [&](const ExactValue& value) { return value.name == was.name; });
    if (is == now.end()) continue;
    const bool gate = was.is_cost ? policy.gate_costs : policy.gate_outputs;
    findings.rows.push_back(ExactFinding(base, was, *is, gate));
    const Finding& finding = findings.rows.back();
    if (!gate && finding.verdict == Verdict::kPass && !finding.reason.empty()) {
      findings.notes.push_back(fmt::format("{}: {}, from {} to {}; the policy only reports it",
                                           finding.label, finding.reason, was.text, is->text));
    }
  }
}

void AddRequired(Findings& findings, const Policy& policy) {
  for (const Policy::Requirement& row : policy.required) {
    const bool met =
        std::any_of(findings.rows.begin(), findings.rows.end(), [&](const Finding& finding) {
          return HasNumbers(finding.verdict) && (finding.exact || finding.pairs > 0) &&
                 Matches(row.metric, finding.metric) && Matches(row.workload, finding.workload);
        });
    if (met) continue;
    Finding finding;
    finding.row = fmt::format("required {} {}", row.workload, row.metric);
    finding.label = fmt::format("{} {}", row.workload, row.metric);
    finding.workload = row.workload;
    finding.metric = row.metric;
    finding.verdict = Verdict::kMissing;
    finding.reason = "the policy requires it, and neither arm compares a row like it";
    findings.rows.push_back(std::move(finding));
  }
}

void Contaminate(Findings& findings, const std::string& reason) {
  findings.contaminated = reason;
  for (Finding& finding : findings.rows) {
    if (finding.exact || !HasNumbers(finding.verdict)) continue;
    finding.verdict = Verdict::kInconclusive;
    finding.reason = reason;
  }
}

void SortFindings(Findings& findings) {
  std::sort(findings.rows.begin(), findings.rows.end(), [](const Finding& a, const Finding& b) {
    if (a.verdict != b.verdict) return a.verdict < b.verdict;
    if (a.exact != b.exact) return b.exact;
    if (a.worse != b.worse) {
      return a.verdict == Verdict::kImprovement ? a.worse < b.worse : a.worse > b.worse;
    }
    return a.row < b.row;
  });
}

std::size_t Count(const Findings& findings, Verdict verdict) {
  return static_cast<std::size_t>(
      std::count_if(findings.rows.begin(), findings.rows.end(),
                    [&](const Finding& finding) { return finding.verdict == verdict; }));
}

std::string Summary(const Findings& findings) {
  if (findings.rows.empty()) return "Nothing was compared: the arms have no row in common.";
  std::string text;
  const auto say = [&](Verdict verdict, std::string_view one, std::string_view many, bool name) {
    const std::size_t n = Count(findings, verdict);
    if (n == 0) return;
    if (!text.empty()) text += ", ";
    text += Counted(n, one, many);
    if (!name) return;
    const auto worst =
        std::find_if(findings.rows.begin(), findings.rows.end(),
                     [&](const Finding& finding) { return finding.verdict == verdict; });
    text += fmt::format(" ({}{})", n > 1 ? "worst: " : "", Worse(*worst));
  };
  say(Verdict::kRegression, "regression", "regressions", true);
  say(Verdict::kMissing, "missing row", "missing rows", false);
  say(Verdict::kIncomparable, "incomparable row", "incomparable rows", false);
  say(Verdict::kInconclusive, "inconclusive row", "inconclusive rows", false);
  say(Verdict::kImprovement, "improvement", "improvements", false);
  say(Verdict::kNew, "new row", "new rows", false);
  say(Verdict::kPass, "row passes", "rows pass", false);
  text += ".";
  if (!HasTimes(findings) && Count(findings, Verdict::kIncomparable) == 0) {
    text += " No row was timed in both arms.";
  }
  return text;
}

ExitCode ExitCodeOf(const Findings& findings, const Policy& policy) {
  if (Count(findings, Verdict::kRegression) > 0) return ExitCode::kRowsFailed;
  if (Count(findings, Verdict::kIncomparable) > 0 || findings.rows.empty()) {
    return ExitCode::kIncomparable;
  }
  if (Count(findings, Verdict::kMissing) > 0) return ExitCode::kMissing;
  if (!HasTimes(findings)) return ExitCode::kInconclusive;
  if (Count(findings, Verdict::kInconclusive) > 0 && policy.inconclusive_fails) {
    return ExitCode::kInconclusive;
  }
  return ExitCode::kOk;
}

std::optional<Sensitivity> SensitivityOf(const Findings& findings) {
  std::vector<double> seen;
  for (const Finding& finding : findings.rows) {
    if (finding.smallest_seen) seen.push_back(*finding.smallest_seen);
  }
  if (seen.empty()) return std::nullopt;
  const auto [least, most] = std::minmax_element(seen.begin(), seen.end());
  return Sensitivity{*least, Median(seen), *most};
}

nlohmann::json DescribeArm(const Result& result) {
  nlohmann::json arm = nlohmann::json::object();
  const std::string engine = TextAt(result.tool, {"engine"});
  arm["engine"] = engine.empty() ? "Inferometer" : engine;
  for (const char* key : {"version", "commit", "dirty", "compiler", "sha256"}) {
    const auto found = result.tool.is_object() ? result.tool.find(key) : result.tool.end();
    arm[key] = found == result.tool.end() ? nlohmann::json() : *found;
  }
  return arm;
}

}  // namespace inferometer
