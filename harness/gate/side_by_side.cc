// Results side by side.
#include "harness/gate/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "harness/gate/fingerprint.h"
#include "harness/gate/row.h"
#include "harness/report/rows.h"
#include "harness/stats/hodges_lehmann.h"

namespace inferometer {
namespace {

bool Positive(const std::vector<double>& values) {
  return !values.empty() &&
         std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
}

std::vector<double> Logs(const std::vector<double>& values) {
  std::vector<double> logs;
  for (const double value : values) logs.push_back(std::log(value));
  return logs;
}

bool Overlap(const Record& a, const Record& b) {
  if (!a.ci95 || !b.ci95) return false;
  return a.ci95->first <= b.ci95->second && b.ci95->first <= a.ci95->second;
}

bool Tied(const Record& a, const Record& b) {
  if (a.median <= 0 || b.median <= 0) return a.median == b.median;
  return Overlap(a, b) || std::abs(std::log(a.median / b.median)) < std::log1p(kTie);
}

// The name without its last word, the device.
std::string WithoutDevice(const Record& record) {
  const std::string id = RowId(record);
  return id.substr(0, id.size() - record.device.size());
}

bool ShareADevice(std::span<const Result> results) {
  std::set<std::string> common;
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::set<std::string> devices;
    for (const Record& record : results[i].records) {
      if (i == 0 || common.count(record.device) > 0) devices.insert(record.device);
    }
    common = std::move(devices);
  }
  return !common.empty();
}

void PutRatios(SideRow& row) {
  const auto measured = [](const Cell& cell) {
    return cell.record != nullptr && cell.record->status == Status::kOk;
  };
  const auto first = std::find_if(row.cells.begin(), row.cells.end(), measured);
  const Record* best = nullptr;
  for (Cell& cell : row.cells) {
    if (!measured(cell)) continue;
    const Record& record = *cell.record;
    if (&cell != &*first && Positive(record.samples) && Positive(first->record->samples)) {
      const Shift shift = UnpairedShift(Logs(first->record->samples), Logs(record.samples));
      cell.ratio = std::exp(shift.estimate);
      if (shift.interval) {
        cell.ratio_interval =
            Interval{std::exp(shift.interval->low), std::exp(shift.interval->high)};
      }
      cell.tied = Tied(*first->record, record);
    }
    if (!row.better) continue;
    const bool better =
        best == nullptr || (*row.better == Better::kHigher ? record.median > best->median
                                                           : record.median < best->median);
    if (better) best = &record;
  }
  for (Cell& cell : row.cells) cell.best = best && measured(cell) && Tied(*best, *cell.record);
}

}  // namespace

SideBySide PutSideBySide(std::span<const Result> results, const std::vector<std::string>& names) {
  SideBySide sides;
  sides.names = names;
  for (std::size_t i = 1; i < results.size(); ++i) {
    const auto add = [&](const std::vector<std::string>& lines) {
      for (const std::string& line : lines) {
        sides.differences.push_back(fmt::format("{}, {}: {}", names[0], names[i], line));
      }
    };
    add(MachineDifferences(MachineOf(results[0]), MachineOf(results[i])));
    add(SettingDifferences(results[0], results[i]));
    add(Remarks(results[0], results[i]));
  }
  const bool by_device = ShareADevice(results);
  const auto id_of = [&](const Record& record) {
    return by_device ? RowId(record) : WithoutDevice(record);
  };
  std::set<std::string> seen;
  for (const Result& result : results) {
    for (const Record& record : result.records) {
      const std::string id = id_of(record);
      if (!seen.insert(id).second) continue;
      SideRow row{id, Label(record), "", by_device ? record.device : "", "", {}, {}};
      if (record.model) row.model = record.model->name + " " + record.model->quant;
      if (const Metric* metric = FindMetric(record.metric)) {
        row.unit = metric->unit;
        row.better = metric->better;
      }
      for (const Result& other : results) {
        Cell cell;
        for (const Record& candidate : other.records) {
          if (id_of(candidate) != id) continue;
          if (!cell.record || candidate.status == Status::kOk) cell.record = &candidate;
          if (candidate.status == Status::kOk) break;
        }
        row.cells.push_back(cell);
      }
      PutRatios(row);
      sides.rows.push_back(std::move(row));
    }
  }
  return sides;
}

}  // namespace inferometer
