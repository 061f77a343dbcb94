// A verdict as JSON: the project's own, and two that other programs read.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "harness/gate/verdict_formats.h"

namespace inferometer {
namespace {

using nlohmann::json;

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json IntervalJson(const std::optional<Interval>& interval) {
  return interval ? json{interval->low, interval->high} : json();
}

json ValueJson(const std::optional<double>& value, const std::string& text) {
  if (value) return *value;
  return text.empty() ? json() : json(text);
}

json FindingJson(const Finding& finding) {
  return {{"row", finding.row},
          {"label", finding.label},
          {"workload", finding.workload},
          {"metric", finding.metric},
          {"unit", finding.unit},
          {"better", !finding.better                      ? "equal"
                     : *finding.better == Better::kHigher ? "higher"
                                                          : "lower"},
          {"device", finding.device},
          {"model", finding.model},
          {"verdict", NameOf(finding.verdict)},
          {"reason", finding.reason},
          {"exact", finding.exact},
          {"base", ValueJson(finding.base, finding.base_text)},
          {"head", ValueJson(finding.head, finding.head_text)},
          {"change", OrNull(finding.change)},
          {"change_interval", IntervalJson(finding.change_interval)},
          {"threshold", OrNull(finding.threshold)},
          {"smallest_seen", OrNull(finding.smallest_seen)},
          {"pairs", finding.pairs},
          {"confirmed", finding.confirmed}};
}

// The head's rows that other programs can take: with a number, each name once.
template <typename Take>
void ForEachHead(const Findings& findings, const Take& take) {
  for (const Finding& finding : findings.rows) {
    if (finding.exact || !finding.head || !finding.better) continue;
    std::optional<Interval> interval;
    if (finding.base && finding.change_interval) {
      interval = Interval{*finding.base * (1 + finding.change_interval->low),
                          *finding.base * (1 + finding.change_interval->high)};
    }
    take(finding, *finding.head, interval);
  }
}

std::string NameFor(const Finding& finding) {
  return fmt::format("{} | {} | {}", finding.label, finding.model, finding.device);
}

}  // namespace

json VerdictDocument(const Findings& findings, const Policy& policy) {
  json out = {{"schema", "urn:inferometer:schema:verdict:1.0"},
              {"schema_version", "1.0"},
              {"kind", "verdict"},
              {"method", findings.paired ? "paired" : "unpaired"},
              {"exit_code", static_cast<int>(ExitCodeOf(findings, policy))},
              {"summary", Summary(findings)},
              {"counts", json::object()},
              {"base", findings.base.is_object() ? findings.base : json::object()},
              {"head", findings.head.is_object() ? findings.head : json::object()},
              {"control", json::array()},
              {"smallest_seen", nullptr},
              {"findings", json::array()},
              {"differences", findings.differences},
              {"notes", findings.notes},
              {"pairs", findings.pairs},
              {"duration_s", findings.duration_s}};
  for (const Verdict verdict :
       {Verdict::kRegression, Verdict::kMissing, Verdict::kIncomparable, Verdict::kInconclusive,
        Verdict::kImprovement, Verdict::kNew, Verdict::kPass}) {
    out["counts"][std::string(NameOf(verdict))] = Count(findings, verdict);
  }
  for (const Control& control : findings.controls) {
    out["control"].push_back({{"name", control.name},
                              {"worse", control.effect.n > 0 ? json(control.effect.worse) : json()},
                              {"interval", IntervalJson(control.effect.interval)},
                              {"n", control.effect.n},
                              {"moved", control.moved}});
  }
  if (const auto seen = SensitivityOf(findings)) {
    out["smallest_seen"] = {{"least", seen->least}, {"middle", seen->middle}, {"most", seen->most}};
  }
  for (const Finding& finding : findings.rows) out["findings"].push_back(FindingJson(finding));
  return out;
}

std::string VerdictJson(const Findings& findings, const Policy& policy) {
  return VerdictDocument(findings, policy).dump(2, ' ', false, json::error_handler_t::replace) +
         "\n";
}

std::string VerdictBencher(const Findings& findings, const Policy&) {
  json out = json::object();
  ForEachHead(findings,
              [&](const Finding& finding, double value, const std::optional<Interval>& interval) {
                json& measure = out[NameFor(finding)][finding.metric];
                measure["value"] = value;
                if (!interval) return;
                measure["lower_value"] = interval->low;
                measure["upper_value"] = interval->high;
              });
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string VerdictActionBenchmark(const Findings& findings, const Policy&) {
  json out = json::array();
  ForEachHead(
      findings, [&](const Finding& finding, double value, const std::optional<Interval>& interval) {
        const bool turn = *finding.better == Better::kHigher;
        if (turn && value <= 0) return;
        const double shown = turn ? 1 / value : value;
        std::string unit = finding.unit;
        if (turn) {
          const std::size_t slash = unit.find("/s");
          unit = slash == std::string::npos ? "1/" + unit : "s/" + unit.substr(0, slash);
        }
        json row = {{"name", NameFor(finding)}, {"unit", unit}, {"value", shown}};
        if (interval) {
          const double half = (interval->high - interval->low) / 2 / std::abs(value) * shown;
          row["range"] = fmt::format("± {:.4g}", half);
        }
        row["extra"] = fmt::format("{}: {}", finding.metric, NameOf(finding.verdict));
        out.push_back(std::move(row));
      });
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace inferometer
