// Results over commits.
#include "harness/gate/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "harness/base/error.h"
#include "harness/gate/fingerprint.h"
#include "harness/gate/gating.h"
#include "harness/gate/row.h"
#include "harness/report/escape.h"
#include "harness/report/quantity.h"
#include "harness/report/rows.h"
#include "harness/stats/e_divisive.h"
#include "harness/stats/median.h"
#include "results/json.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr char kKind[] = "history";

struct Point {
  std::size_t entry;
  double median;
};

struct Series {
  std::string row, label, metric;
  std::vector<Point> points;
};

HistoryEntry ParseLine(const JsonValue& in) {
  if (in["kind"].String() != kKind) in["kind"].Fail("expected 'history'");
  HistoryEntry entry;
  entry.commit = in["commit"].String();
  entry.at = in["at"].StringOrEmpty();
  entry.machine = in["machine"].Object();
  for (const JsonValue& value : in["values"].Items()) {
    entry.values.push_back({value["row"].String(), value["label"].String(),
                            value["metric"].String(), value["median"].Number()});
  }
  return entry;
}

// By machine and row, in the order of the store.
std::map<std::pair<std::string, std::string>, Series> SeriesOf(
    const std::vector<HistoryEntry>& entries) {
  std::map<std::pair<std::string, std::string>, Series> all;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string machine = entries[i].machine.dump();
    for (const HistoryEntry::Value& value : entries[i].values) {
      if (value.median <= 0 || GatingOf(value.metric).how == Gating::kReport) continue;
      Series& series = all[{machine, value.row}];
      series.row = value.row;
      series.label = value.label;
      series.metric = value.metric;
      series.points.push_back({i, value.median});
    }
  }
  return all;
}

// Where levels begin, as indices of points with their p, found in any window. A level that comes
// and goes within a window hides its two ends from a single split, so shorter windows are looked at
// too.
std::map<std::size_t, double> BeginsOf(const std::vector<double>& logs,
                                       const HistoryOptions& options) {
  std::map<std::size_t, double> begins;
  for (const std::size_t width : {options.window, options.window * 3 / 5}) {
    const std::size_t window = std::max(width, 2 * options.least_points);
    for (std::size_t end = logs.size();; end -= window / 2) {
      const std::size_t begin = end > window ? end - window : 0;
      const EDivisiveOptions how{.significance = options.significance,
                                 .least_segment = options.least_points};
      for (const Divide& divide : EDivisive(std::span(logs).subspan(begin, end - begin), how)) {
        const auto [place, added] = begins.try_emplace(begin + divide.at, divide.p);
        if (!added) place->second = std::min(place->second, divide.p);
      }
      if (begin == 0) break;
    }
  }
  return begins;
}

double LevelOf(const Series& series, std::size_t begin, std::size_t end) {
  std::vector<double> values;
  for (std::size_t i = begin; i < end; ++i) values.push_back(series.points[i].median);
  return Median(values);
}

struct Begin {
  std::size_t at;
  double p;
};

double Deviation(const Series& series, std::size_t begin, std::size_t end) {
  const double level = LevelOf(series, begin, end);
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += std::abs(series.points[i].median - level);
  return sum;
}

// Windows place a begin a point or two apart: each goes where its neighbours' levels part best.
void Settle(const Series& series, std::vector<Begin>& begins, std::size_t least) {
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t from = i == 0 ? 0 : begins[i - 1].at;
    const std::size_t to = i + 1 < begins.size() ? begins[i + 1].at : series.points.size();
    std::optional<double> best;
    for (std::size_t at = from + least; at + least <= to; ++at) {
      const double cost = Deviation(series, from, at) + Deviation(series, at, to);
      if (best && cost >= *best) continue;
      best = cost;
      begins[i].at = at;
    }
  }
}

// The first begin of a level that is too small a change or too short; begins.size() when all stand.
std::size_t FirstUnfit(const Series& series, const std::vector<Begin>& begins,
                       const HistoryOptions& options) {
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t from = i == 0 ? 0 : begins[i - 1].at;
    const std::size_t to = i + 1 < begins.size() ? begins[i + 1].at : series.points.size();
    const double was = LevelOf(series, from, begins[i].at);
    const double is = LevelOf(series, begins[i].at, to);
    if (begins[i].at - from < options.least_points || to - begins[i].at < options.least_points ||
        std::abs(std::log(is / was)) < std::log1p(options.least_change)) {
      return i;
    }
  }
  return begins.size();
}

void AddChanges(const std::vector<HistoryEntry>& entries, const Series& series,
                const HistoryOptions& options, std::vector<LevelChange>& changes) {
  std::vector<double> logs;
  for (const Point& point : series.points) logs.push_back(std::log(point.median));
  std::vector<Begin> begins;
  for (const auto& [at, p] : BeginsOf(logs, options)) begins.push_back({at, p});
  Settle(series, begins, options.least_points);
  // Levels that are joined have another median, so all are looked at again.
  for (std::size_t i = 0; (i = FirstUnfit(series, begins, options)) < begins.size();) {
    begins.erase(begins.begin() + static_cast<std::ptrdiff_t>(i));
    Settle(series, begins, options.least_points);
  }
  const Metric* metric = FindMetric(series.metric);
  const bool higher = metric == nullptr || metric->better == Better::kHigher;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t at = begins[i].at;
    const std::size_t to = i + 1 < begins.size() ? begins[i + 1].at : logs.size();
    const double was = LevelOf(series, i == 0 ? 0 : begins[i - 1].at, at);
    const double is = LevelOf(series, at, to);
    const HistoryEntry& entry = entries[series.points[at].entry];
    changes.push_back({series.row, series.label, series.metric, entry.commit,
                       entries[series.points[at - 1].entry].commit, entry.at, was, is, is / was - 1,
                       higher == (is < was), begins[i].p, to - at, logs.size() - at});
  }
}

}  // namespace

HistoryEntry EntryOf(const Result& result, const std::string& commit) {
  HistoryEntry entry;
  entry.commit = commit.empty() ? TextAt(result.tool, {"commit"}) : commit;
  if (entry.commit.empty()) {
    throw Error(ExitCode::kUsage,
                "the result does not say which commit was measured: give it with --commit");
  }
  entry.at = TextAt(result.run, {"started_at"});
  entry.machine = MachineOf(result);
  for (const Record& record : result.records) {
    if (record.status != Status::kOk) continue;
    entry.values.push_back({RowId(record), Label(record), record.metric, record.median});
  }
  return entry;
}

std::string LineOf(const HistoryEntry& entry) {
  json values = json::array();
  for (const HistoryEntry::Value& value : entry.values) {
    values.push_back({{"row", value.row},
                      {"label", value.label},
                      {"metric", value.metric},
                      {"median", value.median}});
  }
  const json line = {{"kind", kKind},
                     {"version", 1},
                     {"commit", entry.commit},
                     {"at", entry.at.empty() ? json() : json(entry.at)},
                     {"machine", entry.machine},
                     {"values", std::move(values)}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::vector<HistoryEntry> ParseHistory(std::string_view text, const std::string& name) {
  std::vector<HistoryEntry> entries;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = fmt::format("{}, line {}", name, number);
    const json document = ParseJson(line, where);
    try {
      entries.push_back(ParseLine(JsonValue(document)));
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("'{}': {}", where, error.what()));
    }
  }
  return entries;
}

std::vector<LevelChange> FindLevelChanges(const std::vector<HistoryEntry>& entries,
                                          const HistoryOptions& options) {
  std::vector<LevelChange> changes;
  for (const auto& [key, series] : SeriesOf(entries)) {
    AddChanges(entries, series, options, changes);
  }
  return changes;
}

std::string HistoryConsole(const std::vector<LevelChange>& changes, std::size_t entries) {
  if (changes.empty()) {
    return fmt::format("No level changed over {} entries.\n", entries);
  }
  std::string text;
  for (const LevelChange& change : changes) {
    const Metric* metric = FindMetric(change.metric);
    const std::string_view unit = metric ? metric->unit : "1";
    text += fmt::format("{} {}: {:+.1f} % since {}\n    {}\n", change.worse ? "worse " : "better",
                        Plain(change.label), 100 * change.change,
                        Plain(change.commit.substr(0, 12)), Plain(change.row));
    text += fmt::format("    from {} to {}, {} points, p = {:.4f}; the commit before was {}\n",
                        Quantity(change.was, unit), Quantity(change.is, unit), change.points,
                        change.p, Plain(change.before.substr(0, 12)));
  }
  return text;
}

json HistoryJson(const std::vector<LevelChange>& changes) {
  json out = json::array();
  for (const LevelChange& change : changes) {
    out.push_back({{"row", change.row},
                   {"label", change.label},
                   {"metric", change.metric},
                   {"commit", change.commit},
                   {"before", change.before},
                   {"at", change.at.empty() ? json() : json(change.at)},
                   {"was", change.was},
                   {"is", change.is},
                   {"change", change.change},
                   {"worse", change.worse},
                   {"p", change.p},
                   {"points", change.points},
                   {"age", change.age}});
  }
  return {{"kind", "level_changes"}, {"changes", std::move(out)}};
}

}  // namespace inferometer
