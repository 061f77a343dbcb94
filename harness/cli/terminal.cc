// The terminal, or whatever stands in its place: its width, its colours, and text made safe for it.
#include "harness/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "harness/base/error.h"

namespace inferometer {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

Terminal DescribeTerminal(int descriptor) {
  Terminal terminal;
  const char* term = std::getenv("TERM");
  terminal.live = ::isatty(descriptor) == 1 && term != nullptr && std::string_view(term) != "dumb";
  const char* no_color = std::getenv("NO_COLOR");
  terminal.color = terminal.live && (no_color == nullptr || *no_color == '\0');
  winsize size{};
  if (terminal.live && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = size.ws_col;
  }
  return terminal;
}

std::string Printable(std::string_view text) {
  std::string safe(text);
  std::replace_if(
      safe.begin(), safe.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return safe;
}

std::size_t ColumnsOf(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string Shorten(std::string_view text, std::size_t width) {
  if (ColumnsOf(text) <= width) return std::string(text);
  const std::size_t dots = std::min<std::size_t>(3, width);
  std::size_t columns = 0, end = 0;
  while (end < text.size() && (IsContinuation(text[end]) || columns < width - dots)) {
    if (!IsContinuation(text[end])) ++columns;
    ++end;
  }
  return std::string(text.substr(0, end)) + std::string(dots, '.');
}

std::vector<std::string> WrapWords(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t columns = ColumnsOf(lines.back());
    if (columns > 0 && columns + 1 + ColumnsOf(word) > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

void PrintOut(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(ExitCode::kRunFailed,
                std::string("cannot write to standard output: ") + std::strerror(errno));
  }
}

void PrintErr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace inferometer
