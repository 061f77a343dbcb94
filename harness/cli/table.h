// A table of text: aligned columns for people, Markdown for documents.
#ifndef INFEROMETER_HARNESS_CLI_TABLE_H_
#define INFEROMETER_HARNESS_CLI_TABLE_H_

#include <string>
#include <vector>

namespace inferometer {

struct Table {
  struct Column {
    std::string heading;
    bool right = false;  // numbers stand to the right
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // one cell per column
};

// Columns two spaces apart. A last column of words is broken into lines where it would go beyond
// 80 columns.
std::string AlignedText(const Table& table);
std::string MarkdownText(const Table& table);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_TABLE_H_
