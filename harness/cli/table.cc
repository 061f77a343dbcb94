// A table of text: aligned columns for people, Markdown for documents.
#include "harness/cli/table.h"

#include <algorithm>
#include <cstddef>

#include "harness/cli/terminal.h"

namespace inferometer {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kLeastLast = 20;  // columns that the last one has at least

void AppendLine(const std::vector<std::string>& cells, const Table& table,
                const std::vector<std::size_t>& widths, std::string& out) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t columns = ColumnsOf(cells[i]);
    const std::string padding(widths[i] > columns ? widths[i] - columns : 0, ' ');
    if (i > 0) line += "  ";
    line += table.columns[i].right ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

void AppendRow(const std::vector<std::string>& cells, const Table& table,
               const std::vector<std::size_t>& widths, std::string& out) {
  if (table.columns.back().right) return AppendLine(cells, table, widths, out);
  std::vector<std::string> line = cells;
  for (const std::string& part : WrapWords(cells.back(), widths.back())) {
    line.back() = part;
    AppendLine(line, table, widths, out);
    line.assign(cells.size(), "");
  }
}

}  // namespace

std::string AlignedText(const Table& table) {
  std::vector<std::string> headings;
  for (const Table::Column& column : table.columns) headings.push_back(column.heading);
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < headings.size(); ++i) {
    widths.push_back(ColumnsOf(headings[i]));
    for (const auto& row : table.rows) widths[i] = std::max(widths[i], ColumnsOf(row[i]));
  }
  std::size_t before = 0;  // columns in front of the last
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) before += widths[i] + 2;
  const std::size_t room = before + kLeastLast < kWidth ? kWidth - before : kLeastLast;
  if (!table.columns.back().right) widths.back() = std::min(widths.back(), room);
  std::string out;
  AppendRow(headings, table, widths, out);
  for (const auto& row : table.rows) AppendRow(row, table, widths, out);
  return out;
}

std::string MarkdownText(const Table& table) {
  std::string out = "|", rule = "|";
  for (const Table::Column& column : table.columns) {
    out += " " + column.heading + " |";
    rule += column.right ? "---:|" : "---|";
  }
  out += "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (const std::string& cell : row) out += " " + cell + " |";
    out += "\n";
  }
  return out;
}

}  // namespace inferometer
