// `compare`: two or more results side by side.
#ifndef INFEROMETER_HARNESS_GATE_SIDE_BY_SIDE_H_
#define INFEROMETER_HARNESS_GATE_SIDE_BY_SIDE_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/stats/interval.h"
#include "results/metrics.h"
#include "results/record.h"

namespace inferometer {

// One result's value in a row.
struct Cell {
  const Record* record = nullptr;  // null: it has no such row
  std::optional<double> ratio;     // to the first result that has the row; > 1 is a larger value
  std::optional<Interval> ratio_interval;  // 95 %, of two independent samples
  bool tied = false;                       // the intervals overlap, or the ratio is within 2 %
  bool best = false;                       // the best, or tied with it
};

struct SideRow {
  std::string id, label, model, device, unit;
  std::optional<Better> better;
  std::vector<Cell> cells;  // one for each result
};

struct SideBySide {
  std::vector<std::string> names;        // of the results
  std::vector<std::string> differences;  // environment: what a reader must know first
  std::vector<SideRow> rows;
};

// Ratios nearer to 1 than this are a tie whatever the intervals say: differences between machines
// and minutes that no interval within a run sees.
inline constexpr double kTie = 0.02;

// Rows are matched without the device when the results have no device in common: then that is what
// is compared. The results must outlive the answer.
SideBySide PutSideBySide(std::span<const Result> results, const std::vector<std::string>& names);

std::string SideBySideConsole(const SideBySide& sides);
std::string SideBySideMarkdown(const SideBySide& sides);
nlohmann::json SideBySideJson(const SideBySide& sides);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_SIDE_BY_SIDE_H_
