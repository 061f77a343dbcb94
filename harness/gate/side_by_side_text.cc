// Results side by side, as text, Markdown and JSON.
#include <fmt/format.h>

#include <algorithm>

#include "harness/gate/side_by_side.h"
#include "harness/report/escape.h"
#include "harness/report/quantity.h"
#include "results/result_file.h"

namespace inferometer {
namespace {

using nlohmann::json;

// "39.8 tok/s", "failed", "–".
std::string Value(const Cell& cell, const std::string& unit) {
  if (cell.record == nullptr) return "–";
  if (cell.record->status != Status::kOk) return std::string(NameOf(cell.record->status));
  return Quantity(cell.record->median, unit);
}

// "x1.04 [1.02, 1.06]", "x1.01 tied".
std::string Ratio(const Cell& cell) {
  if (!cell.ratio) return "";
  std::string text = fmt::format("x{:.3f}", *cell.ratio);
  if (cell.ratio_interval) {
    text += fmt::format(" [{:.3f}, {:.3f}]", cell.ratio_interval->low, cell.ratio_interval->high);
  }
  return text + (cell.tied ? " tied" : "");
}

}  // namespace

std::string SideBySideConsole(const SideBySide& sides) {
  std::string text;
  for (const std::string& line : sides.differences) {
    text += Wrap("differs: " + Plain(line), 80, 4) + "\n";
  }
  if (!text.empty()) text += "\n";
  std::string heading;
  for (const SideRow& row : sides.rows) {
    std::string group = row.model + (row.device.empty() ? "" : " on " + row.device);
    if (group != heading) text += Plain(group) + "\n";
    heading = std::move(group);
    text += "  " + Plain(row.label) + "\n";
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const Cell& cell = row.cells[i];
      text += fmt::format("    {} {} {}{}\n", PadRight(Plain(sides.names[i]), 28),
                          PadLeft(Plain(Value(cell, row.unit)), 16), cell.best ? "* " : "  ",
                          Ratio(cell));
    }
  }
  return text + "\n* the best, or tied with it: the 95 % intervals overlap, or it is within 2 %\n";
}

std::string SideBySideMarkdown(const SideBySide& sides) {
  std::string text;
  if (!sides.differences.empty()) text += "The environment differs:\n\n";
  for (const std::string& line : sides.differences) text += "- " + Markdown(line) + "\n";
  if (!text.empty()) text += "\n";
  text += "| row | model | device |";
  for (const std::string& name : sides.names) text += " " + Markdown(name) + " |";
  text += "\n|---|---|---|";
  for (std::size_t i = 0; i < sides.names.size(); ++i) text += "--:|";
  text += "\n";
  for (const SideRow& row : sides.rows) {
    text += fmt::format("| {} | {} | {} |", Markdown(row.label), Markdown(row.model),
                        Markdown(row.device));
    for (const Cell& cell : row.cells) {
      const std::string value = Markdown(Value(cell, row.unit));
      const std::string ratio = Markdown(Ratio(cell));
      text += fmt::format(" {}{} |", cell.best ? "**" + value + "**" : value,
                          ratio.empty() ? "" : "<br>" + ratio);
    }
    text += "\n";
  }
  return text +
         "\nBold: the best, or tied with it: the 95 % intervals overlap, or it is within 2 %.\n";
}

json SideBySideJson(const SideBySide& sides) {
  json rows = json::array();
  for (const SideRow& row : sides.rows) {
    json cells = json::array();
    for (const Cell& cell : row.cells) {
      const bool ok = cell.record && cell.record->status == Status::kOk;
      cells.push_back({{"status", cell.record ? json(NameOf(cell.record->status)) : json()},
                       {"median", ok ? json(cell.record->median) : json()},
                       {"ratio", cell.ratio ? json(*cell.ratio) : json()},
                       {"ratio_interval", cell.ratio_interval ? json{cell.ratio_interval->low,
                                                                     cell.ratio_interval->high}
                                                              : json()},
                       {"tied", cell.tied},
                       {"best", cell.best}});
    }
    rows.push_back({{"row", row.id},
                    {"label", row.label},
                    {"model", row.model},
                    {"device", row.device},
                    {"unit", row.unit},
                    {"cells", std::move(cells)}});
  }
  return {{"kind", "comparison"},
          {"names", sides.names},
          {"differences", sides.differences},
          {"rows", std::move(rows)}};
}

}  // namespace inferometer
