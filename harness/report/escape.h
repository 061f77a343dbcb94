// Text from result files made safe for where it is shown. A file may come from anyone.
#ifndef INFEROMETER_HARNESS_REPORT_ESCAPE_H_
#define INFEROMETER_HARNESS_REPORT_ESCAPE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace inferometer {

// One line for a terminal: control characters (escape sequences among them) and the marks that turn
// the direction of writing become '?', as do bytes that are not UTF-8.
std::string Plain(std::string_view text);

// For HTML text and quoted attributes: & < > " ' become entities, on top of Plain without its
// effect on newlines and tabs.
std::string Html(std::string_view text);

// For a cell of a Markdown table: nothing in it is markup, and it cannot end the cell.
std::string Markdown(std::string_view text);

// A field of CSV (RFC 4180), quoted where needed. Text that a spreadsheet would take for a formula
// gets an apostrophe in front (OWASP, "CSV injection").
std::string Csv(std::string_view text);

// Columns on a terminal: one per character of UTF-8.
std::size_t Columns(std::string_view text);

// Filled with spaces to `width` columns; longer text is cut and ends in an ellipsis.
std::string PadRight(std::string_view text, std::size_t width);
std::string PadLeft(std::string_view text, std::size_t width);

// Broken at spaces into lines of at most `width` columns, each after the first indented.
std::string Wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_ESCAPE_H_
