// The terminal, or whatever stands in its place: its width, its colours, and text made safe for it.
#ifndef INFEROMETER_HARNESS_CLI_TERMINAL_H_
#define INFEROMETER_HARNESS_CLI_TERMINAL_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

struct Terminal {
  bool live = false;       // a terminal that can redraw a line
  bool color = false;      // live, and NO_COLOR (no-color.org) is absent or empty
  std::size_t width = 80;  // columns; 80 where nobody says
};

// What the file descriptor leads to.
Terminal DescribeTerminal(int descriptor);

// The text with control characters replaced by '?': names of files can hold escape sequences.
std::string Printable(std::string_view text);

// The first characters of UTF-8 text, at most `width` of them, the last three "..." when cut.
std::string Shorten(std::string_view text, std::size_t width);

// Characters of UTF-8 text, one column each.
std::size_t ColumnsOf(std::string_view text);

// The text broken at spaces into lines of at most `width` columns; a longer word stays whole. At
// least one line.
std::vector<std::string> WrapWords(std::string_view text, std::size_t width);

// Writes all of it to stdout. Throws Error(kRunFailed) when stdout does not take it.
void PrintOut(std::string_view text);

// Writes all of it to stderr in one piece.
void PrintErr(std::string_view text);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_TERMINAL_H_
