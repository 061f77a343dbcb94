// Two stored results, unpaired.
#include "harness/gate/stored.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>

#include "harness/base/error.h"
#include "harness/gate/fingerprint.h"
#include "harness/gate/row.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

// The roofs that kernels of the project do not touch: the machine's, when they move.
constexpr std::string_view kControlRoofs[] = {"read_bandwidth", "fp32_peak", "int8_peak"};
// Sums of decimal texts: what re-reading a file may lose.
constexpr double kRounding = 1e-9;

bool AllPositive(const std::vector<double>& values) {
  return !values.empty() &&
         std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
}

// Logarithms, larger being worse.
std::vector<double> WorseLogs(const std::vector<double>& values, bool higher_is_better) {
  std::vector<double> logs;
  for (const double value : values) logs.push_back((higher_is_better ? -1 : 1) * std::log(value));
  return logs;
}

std::vector<double> RoofSamples(const Result& result, std::string_view metric,
                                const std::string& device) {
  std::vector<double> values;
  for (const Ceiling& ceiling : result.ceilings) {
    if (ceiling.metric == metric && ceiling.device == device && ceiling.value > 0) {
      values.push_back(ceiling.value);
    }
  }
  return values;
}

// Roofs are measured a few times a run, which is too few for an interval: the middle value counts.
void AddControls(Findings& findings, const Result& base, const Result& head, double limit) {
  std::set<std::string> devices;
  for (const Record& record : base.records) devices.insert(record.device);
  for (const std::string& device : devices) {
    for (const std::string_view metric : kControlRoofs) {
      const std::vector<double> was = RoofSamples(base, metric, device);
      const std::vector<double> is = RoofSamples(head, metric, device);
      if (was.empty() || is.empty()) continue;
      Control control{fmt::format("{} of {}", metric, device), {}, false};
      control.effect.worse = std::log(Median(was) / Median(is));
      control.effect.n = std::min(was.size(), is.size());
      control.moved = std::abs(control.effect.worse) > std::log1p(limit);
      findings.controls.push_back(std::move(control));
    }
  }
}

void CompareRow(Findings& findings, const Record& base, const Record* head, const Policy& policy,
                const nlohmann::json& machine) {
  const RowLimit limit = LimitOf(policy, base, false, machine);
  if (base.status != Status::kOk) return;
  if (limit.how == Gating::kReport) return;
  Finding finding = FindingOf(base);
  finding.base = base.median;
  if (head == nullptr || head->status != Status::kOk) {
    finding.verdict = Verdict::kMissing;
    finding.reason = head == nullptr ? "the head has no such row" : head->reason;
    findings.rows.push_back(std::move(finding));
    return;
  }
  finding.head = head->median;
  const std::vector<std::string> differences = RowDifferences(base, *head);
  if (!differences.empty()) {
    finding.verdict = Verdict::kIncomparable;
    finding.reason = fmt::format("{}", fmt::join(differences, "; "));
    findings.rows.push_back(std::move(finding));
    return;
  }
  AddExact(findings, base, *head, policy);
  if (limit.how == Gating::kExact) return;
  if (!AllPositive(base.samples) || !AllPositive(head->samples)) {
    finding.reason = "it has values that are not above 0, which have no ratio";
    findings.rows.push_back(std::move(finding));
    return;
  }
  const bool higher = finding.better == Better::kHigher;
  PutEffect(finding,
            UnpairedEffect(WorseLogs(base.samples, higher), WorseLogs(head->samples, higher)),
            limit, true);
  if (finding.pairs < 6) finding.reason = "fewer than 6 samples in an arm";
  findings.rows.push_back(std::move(finding));
}

[[noreturn]] void Edited(const std::string& name, const Record& record, std::string_view what) {
  throw Error(
      ExitCode::kInvalidInput,
      fmt::format("'{}': {}: {} is not what its own samples give; the file was edited after "
                  "it was written: measure again",
                  name, RowId(record), what));
}

bool Near(double a, double b) {
  return std::abs(a - b) <= kRounding * std::max(std::abs(a), 1e-12);
}

}  // namespace

Findings CompareStored(const Result& base, const Result& head, const Policy& policy) {
  Findings findings;
  findings.paired = false;
  findings.base = DescribeArm(base);
  findings.head = DescribeArm(head);
  const nlohmann::json machine = MachineOf(base);
  findings.differences = MachineDifferences(machine, MachineOf(head));
  for (std::string& line : SettingDifferences(base, head)) {
    findings.differences.push_back(std::move(line));
  }
  findings.notes = Remarks(base, head);
  if (policy.calibration) {
    for (const std::string& line : MachineDifferences(policy.calibration->machine, machine)) {
      findings.notes.push_back(
          "the policy was calibrated on another machine, its noise is not "
          "used: " +
          line);
    }
  }
  std::set<std::string> seen;
  for (const Record& record : base.records) {
    const std::string id = RowId(record);
    if (!seen.insert(id).second) continue;
    CompareRow(findings, *FindRow(base, id), FindRow(head, id), policy, machine);
  }
  for (const Record& record : head.records) {
    const std::string id = RowId(record);
    if (record.status != Status::kOk) continue;
    if (LimitOf(policy, record, false, machine).how == Gating::kReport) continue;
    if (const Record* was = FindRow(base, id); was && was->status == Status::kOk) continue;
    if (!seen.insert("head " + id).second) continue;
    Finding finding = FindingOf(record);
    finding.verdict = Verdict::kNew;
    finding.head = record.median;
    findings.rows.push_back(std::move(finding));
  }
  if (!findings.differences.empty()) {
    for (Finding& finding : findings.rows) {
      finding.verdict = Verdict::kIncomparable;
      finding.reason = findings.differences.front();
    }
  } else {
    AddControls(findings, base, head, policy.control_limit);
    for (const Control& control : findings.controls) {
      if (!control.moved) continue;
      Contaminate(findings,
                  fmt::format("the machine itself moved: {} by {:.1f} %; compare the builds in "
                              "turn, with `inferometer ab`",
                              control.name, 100 * std::abs(std::expm1(-control.effect.worse))));
      break;
    }
  }
  AddRequired(findings, policy);
  SortFindings(findings);
  return findings;
}

Result MadeWorse(const Result& result, double share) {
  Result worse = result;
  for (Record& record : worse.records) {
    const Metric* metric = FindMetric(record.metric);
    if (record.status != Status::kOk || metric == nullptr ||
        GatingOf(record.metric).how != Gating::kRelative) {
      continue;
    }
    const double factor = metric->better == Better::kHigher ? 1 / (1 + share) : 1 + share;
    for (double& sample : record.samples) sample *= factor;
    record.median = Median(record.samples);
    record.ci95.reset();
    if (const auto interval = MedianInterval95(record.samples)) {
      record.ci95 = {interval->low, interval->high};
    }
  }
  return worse;
}

double TwiceTheThreshold(const Result& result, const Policy& policy) {
  double most = 0;
  const nlohmann::json machine = MachineOf(result);
  for (const Record& record : result.records) {
    const RowLimit limit = LimitOf(policy, record, false, machine);
    if (record.status == Status::kOk && limit.how == Gating::kRelative) {
      most = std::max(most, limit.threshold);
    }
  }
  return 2 * most;
}

void CheckUnedited(const Result& result, const std::string& name) {
  for (const Record& record : result.records) {
    if (record.status != Status::kOk) continue;
    if (!Near(record.median, Median(record.samples))) Edited(name, record, "the median");
    const auto interval = MedianInterval95(record.samples);
    if (record.ci95 && (!interval || !Near(record.ci95->first, interval->low) ||
                        !Near(record.ci95->second, interval->high))) {
      Edited(name, record, "the interval");
    }
    if (record.workload != "decode" || record.metric != "decode_rate" ||
        record.token_times_s.size() != record.samples.size()) {
      continue;
    }
    for (std::size_t i = 0; i < record.samples.size(); ++i) {
      const std::vector<double>& times = record.token_times_s[i];
      if (times.size() < 2 || times.back() <= times.front()) continue;
      const double rate = static_cast<double>(times.size() - 1) / (times.back() - times.front());
      if (!Near(record.samples[i], rate)) Edited(name, record, fmt::format("sample {}", i));
    }
  }
}

}  // namespace inferometer
