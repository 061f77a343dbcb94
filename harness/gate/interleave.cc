// Interleaved arms in two stages.
#include "harness/gate/interleave.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "harness/gate/fingerprint.h"
#include "harness/gate/row.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

// Logarithm of how long a kernel took, of each kernel, around one run.
using ControlLogs = std::map<std::string, double>;

ControlLogs Around(const std::map<std::string, double>& before,
                   const std::map<std::string, double>& after) {
  ControlLogs logs;
  for (const auto& [name, seconds] : before) {
    const auto then = after.find(name);
    if (then != after.end() && seconds > 0 && then->second > 0) {
      logs[name] = (std::log(seconds) + std::log(then->second)) / 2;
    }
  }
  return logs;
}

struct ArmRun {
  Result result;
  ControlLogs control;
};

// What a run measured, by row.
std::map<std::string, double> MediansOf(const Result& result) {
  std::map<std::string, double> medians;
  for (const Record& record : result.records) {
    if (record.status == Status::kOk) medians.try_emplace(RowId(record), record.median);
  }
  return medians;
}

// A pair: all that was measured, and the log ratios of what both arms measured.
void AddPair(Stage& stage, const Result& base, const Result& head) {
  const std::map<std::string, double> was = MediansOf(base), is = MediansOf(head);
  for (const auto& [id, median] : was) stage.base[id].push_back(median);
  for (const auto& [id, median] : is) stage.head[id].push_back(median);
  std::set<std::string> seen;
  for (const Record& record : base.records) {
    const std::string id = RowId(record);
    const auto a = was.find(id), b = is.find(id);
    const Metric* metric = FindMetric(record.metric);
    if (a == was.end() || b == is.end() || metric == nullptr || !seen.insert(id).second) continue;
    if (a->second <= 0 || b->second <= 0) continue;
    const double ratio = std::log(b->second / a->second);
    stage.worse[id].push_back(metric->better == Better::kHigher ? -ratio : ratio);
  }
}

std::vector<Control> ControlsOf(const std::map<std::string, std::vector<double>>& logs,
                                double limit) {
  std::vector<Control> controls;
  for (const auto& [name, differences] : logs) {
    Control control{name, PairedEffect(differences), false};
    const auto& interval = control.effect.interval;
    control.moved = std::abs(control.effect.worse) > std::log1p(limit) && interval &&
                    (interval->low > 0 || interval->high < 0);
    controls.push_back(std::move(control));
  }
  return controls;
}

bool Moved(const Stage& stage) {
  return std::any_of(stage.controls.begin(), stage.controls.end(),
                     [](const Control& control) { return control.moved; });
}

std::string MovedWords(const Stage& stage) {
  std::vector<std::string> words;
  for (const Control& control : stage.controls) {
    if (!control.moved) continue;
    words.push_back(
        fmt::format("{} by {:+.1f} %", control.name, 100 * std::expm1(control.effect.worse)));
  }
  return fmt::format("a kernel that is the same in both arms took longer in one: {}",
                     fmt::join(words, ", "));
}

Stage MeasureOnce(const Arms& arms, const Policy& policy, const Scope& scope, std::size_t pairs,
                  double deadline_s) {
  Stage stage;
  std::map<std::string, std::vector<double>> control;
  double longest_s = 0;
  for (std::size_t i = 0; i < pairs; ++i) {
    std::optional<ArmRun> runs[2];
    for (const bool second : {false, true}) {
      const bool head = second != (i % 2 == 1);  // A B, then B A
      if (arms.stop()) stage.cut_short = "it was interrupted";
      if (arms.now() + longest_s > deadline_s) stage.cut_short = "the time limit was reached";
      if (!stage.cut_short.empty()) break;
      arms.tell(fmt::format("pair {} of {}, {}", i + 1, pairs, head ? "head" : "base"));
      const double start_s = arms.now();
      const auto before = arms.control();
      Result result = arms.run(head ? Side::kHead : Side::kBase, scope);
      const auto after = arms.control();
      longest_s = std::max(longest_s, arms.now() - start_s);
      runs[head ? 1 : 0] = ArmRun{std::move(result), Around(before, after)};
    }
    if (!runs[0] || !runs[1]) break;
    AddPair(stage, runs[0]->result, runs[1]->result);
    for (const auto& [name, log] : runs[0]->control) {
      const auto other = runs[1]->control.find(name);
      if (other != runs[1]->control.end()) control[name].push_back(other->second - log);
    }
    ++stage.pairs;
  }
  stage.controls = ControlsOf(control, policy.control_limit);
  return stage;
}

// The rows of one comparison while it goes on.
class Comparison {
 public:
  Comparison(const Arms& arms, const Policy& policy) : arms_(arms), policy_(policy) {}

  Findings Go() {
    const double start_s = arms_.now();
    deadline_s_ = start_s + policy_.max_run_time_s;
    Scout();
    const bool comparable = findings_.differences.empty() && rows_.size() > incomparable_;
    if (comparable) {
      first_ = MeasureStage(arms_, policy_, scope_, policy_.pairs, deadline_s_, findings_.notes);
      Confirm();
    }
    for (const Row& row : rows_) Add(row);
    if (comparable && Moved(first_)) {
      Contaminate(findings_, MovedWords(first_));
    } else if (comparable && Moved(second_)) {
      Contaminate(findings_, MovedWords(second_));
    }
    findings_.controls = second_.pairs > 0 ? second_.controls : first_.controls;
    findings_.pairs = first_.pairs + second_.pairs;
    findings_.duration_s = arms_.now() - start_s;
    AddRequired(findings_, policy_);
    SortFindings(findings_);
    return std::move(findings_);
  }

 private:
  struct Row {
    Record base;
    std::optional<Record> head;
    RowLimit limit;
    std::vector<std::string> differences;
    std::string id;
  };

  void Scout() {
    arms_.tell("first look, base");
    const Result base = arms_.run(Side::kBase, scope_);
    scope_ = ScopeOf(base);
    arms_.tell("first look, head");
    const Result head = arms_.run(Side::kHead, scope_);
    findings_.base = DescribeArm(base);
    findings_.head = DescribeArm(head);
    machine_ = MachineOf(base);
    unfinished_ = !base.run.value("complete", true) || !head.run.value("complete", true);
    findings_.differences = MachineDifferences(machine_, MachineOf(head));
    for (std::string& line : SettingDifferences(base, head)) {
      findings_.differences.push_back(std::move(line));
    }
    findings_.notes = Remarks(base, head);
    if (policy_.calibration) {
      for (const std::string& line : MachineDifferences(policy_.calibration->machine, machine_)) {
        findings_.notes.push_back(
            "the policy was calibrated on another machine, its noise is not "
            "used: " +
            line);
      }
    }
    std::set<std::string> seen;
    for (const Record& record : base.records) AddRow(record, base, &head, seen);
    for (const Record& record : head.records) AddRow(record, base, &head, seen);
  }

  void AddRow(const Record& record, const Result& base, const Result* head,
              std::set<std::string>& seen) {
    Row row{record, {}, LimitOf(policy_, record, true, machine_), {}, RowId(record)};
    if (row.limit.how == Gating::kReport || !seen.insert(row.id).second) return;
    const Record* was = FindRow(base, row.id);
    const Record* is = FindRow(*head, row.id);
    if (was != nullptr) row.base = *was;
    if (is != nullptr) row.head = *is;
    if (was == nullptr) {
      if (is->status != Status::kOk) return;
      row.base.status = Status::kUnsupported;  // what the base does not know
    }
    if (was != nullptr && is != nullptr) row.differences = RowDifferences(*was, *is);
    if (!row.differences.empty()) ++incomparable_;
    rows_.push_back(std::move(row));
  }

  void Confirm() {
    Scope suspects = scope_;
    for (const Row& row : rows_) {
      const auto numbers = first_.worse.find(row.id);
      if (row.limit.how != Gating::kRelative || numbers == first_.worse.end()) continue;
      if (!row.differences.empty()) continue;
      if (!IsSuspect(PairedEffect(numbers->second), row.limit.threshold)) continue;
      suspects.workloads.insert(row.base.workload);
      suspects_.insert(row.id);
    }
    if (suspects_.empty() || Moved(first_) || !first_.cut_short.empty()) return;
    arms_.tell(fmt::format("{} suspect{}: fresh pairs of {}", suspects_.size(),
                           suspects_.size() == 1 ? "" : "s", fmt::join(suspects.workloads, ", ")));
    second_ =
        MeasureStage(arms_, policy_, suspects, policy_.confirm_pairs, deadline_s_, findings_.notes);
  }

  void Add(const Row& row) {
    Finding finding = FindingOf(row.base);
    const auto values = [&](const std::map<std::string, std::vector<double>>& by) {
      const auto found = by.find(row.id);
      return found == by.end() ? std::vector<double>() : found->second;
    };
    const bool confirming = second_.pairs > 0 && suspects_.count(row.id) > 0;
    const Stage& stage = confirming ? second_ : first_;
    std::vector<double> base = values(stage.base), head = values(stage.head);
    const bool base_first = row.base.status == Status::kOk;
    const bool head_first = row.head && row.head->status == Status::kOk;
    const std::size_t runs = stage.pairs + 1;  // of either arm, the first look counted
    const std::size_t base_runs = base.size() + (base_first ? 1 : 0);
    const std::size_t head_runs = head.size() + (head_first ? 1 : 0);
    // The first look's values only stand where no pair has one.
    if (base.empty() && base_first) base.push_back(row.base.median);
    if (head.empty() && head_first) head.push_back(row.head->median);
    if (!base.empty()) finding.base = Median(base);
    if (!head.empty()) finding.head = Median(head);
    if (!findings_.differences.empty() || !row.differences.empty()) {
      finding.verdict = Verdict::kIncomparable;
      finding.reason = !row.differences.empty()
                           ? fmt::format("{}", fmt::join(row.differences, "; "))
                           : findings_.differences.front();
    } else if (base.empty() && head.empty()) {
      // What neither arm can measure is no finding; what both failed at, or had no time for, is.
      const bool ran_out = unfinished_ && row.base.status == Status::kSkipped;
      if (!ran_out && row.base.status != Status::kFailed) return;
      finding.reason = row.base.reason;
    } else if ((base.empty() || head.empty()) && 2 * std::max(base_runs, head_runs) <= runs) {
      // On a starved machine a row may fail in most runs of either arm: then chance decides which.
      finding.reason = fmt::format(
          "{} of {} runs of the base have it and {} of the head: too few to say that one lacks it",
          base_runs, runs, head_runs);
    } else if (base.empty()) {
      finding.verdict = Verdict::kNew;
    } else if (head.empty()) {
      finding.verdict = Verdict::kMissing;
      finding.reason = row.head ? row.head->reason : "the head has no such row";
    } else {
      if (base_first && head_first) AddExact(findings_, row.base, *row.head, policy_);
      if (row.limit.how == Gating::kExact) return;
      PutEffect(finding, PairedEffect(values(stage.worse)), row.limit, confirming);
      if (finding.verdict == Verdict::kInconclusive) {
        finding.reason = WhyInconclusive(finding, stage);
      }
    }
    findings_.rows.push_back(std::move(finding));
  }

  static std::string WhyInconclusive(const Finding& finding, const Stage& stage) {
    if (!stage.cut_short.empty()) return stage.cut_short;
    if (finding.pairs < 6) {
      return fmt::format("{} pairs have it in both arms, 6 are the least that can decide",
                         finding.pairs);
    }
    return "the interval reaches beyond the threshold";
  }

  const Arms& arms_;
  const Policy& policy_;
  Findings findings_;
  Scope scope_;
  nlohmann::json machine_;
  std::vector<Row> rows_;
  std::size_t incomparable_ = 0;
  bool unfinished_ = false;  // a first look ended before its last case: its time was too short
  std::set<std::string> suspects_;
  Stage first_, second_;
  double deadline_s_ = 0;
};

}  // namespace

Scope ScopeOf(const Result& result) {
  Scope scope;
  std::vector<std::string>& devices = scope.devices;
  for (const Record& record : result.records) {
    scope.threads = std::max(scope.threads, record.threads);
    if (record.status == Status::kOk && record.model &&
        std::find(devices.begin(), devices.end(), record.device) == devices.end()) {
      devices.push_back(record.device);
    }
  }
  return scope;
}

Stage MeasureStage(const Arms& arms, const Policy& policy, const Scope& scope, std::size_t pairs,
                   double deadline_s, std::vector<std::string>& notes) {
  for (std::size_t attempt = 0;; ++attempt) {
    Stage stage = MeasureOnce(arms, policy, scope, pairs, deadline_s);
    const bool again = Moved(stage) && attempt < policy.control_retries && stage.cut_short.empty();
    if (!again) return stage;
    notes.push_back(fmt::format("{} pairs were discarded and measured again: {}", stage.pairs,
                                MovedWords(stage)));
    arms.tell(notes.back());
  }
}

Findings Interleave(const Arms& arms, const Policy& policy) {
  return Comparison(arms, policy).Go();
}

}  // namespace inferometer
