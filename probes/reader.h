// The only door through which probes read files: bounded, never blocking, replaceable by a folder.
#ifndef INFEROMETER_PROBES_READER_H_
#define INFEROMETER_PROBES_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/probe.h"

namespace inferometer {

// The text of a file, or why there is none: "no such file", "permission denied", "empty" ...
struct Reading {
  std::optional<std::string> text;
  std::string reason;
  explicit operator bool() const { return text.has_value(); }
};

class Reader {
 public:
  static constexpr std::size_t kSmallFile = 64 << 10;  // sysfs gives one page at most, procfs more
  static constexpr std::size_t kLargeFile = 4 << 20;   // /proc/cpuinfo of some thousand CPUs

  explicit Reader(const SystemRoot& root);

  // True when this reads the machine that it runs on.
  bool live() const { return live_; }
  const SystemRoot& root() const { return root_; }

  // A file of a recorded folder may be denied too: inferometer/denied lists, one a line, the files
  // that the recorded machine did not let be read. A live denial is reported to on_read as a line
  // of that file.

  // A regular file of UTF-8 text without control characters, trailing white space removed.
  Reading Text(const std::string& path, std::size_t limit = kSmallFile) const;
  // NUL-terminated strings, as a device tree has them, joined by '\n'.
  Reading Strings(const std::string& path) const;
  // Any bytes, at most `limit` of them. Not reported to on_read: it may hold serial numbers.
  Reading Bytes(const std::string& path, std::size_t limit) const;
  // A file that holds one decimal number and nothing else.
  std::optional<std::int64_t> Integer(const std::string& path) const;
  // Names in a folder, in natural order (cpu2 before cpu10), at most 4096; empty when there is
  // none.
  std::vector<std::string> List(const std::string& path) const;
  bool Exists(const std::string& path) const;

  // A descriptor of a regular file, for reading it again and again by pread; the caller closes it.
  // Below 0: it cannot be opened, and why. Not reported to on_read.
  struct Opened {
    int descriptor = -1;
    std::string reason;
  };
  Opened Open(const std::string& path) const;

  // What no file tells: `ask` is called on the live machine, and its answer is kept in a recorded
  // folder under inferometer/<name>.
  Reading Ask(const std::string& name, const std::function<std::string()>& ask) const;

 private:
  std::string Full(const std::string& path) const { return prefix_ + path; }
  void Report(const std::string& path, const std::string& text) const;
  // Why a file cannot be read; a live denial is reported.
  std::string Refusal(const std::string& path, int error) const;

  const SystemRoot& root_;
  std::string prefix_;
  bool live_;
  std::vector<std::string> denied_;  // of a recorded folder: what the live machine did not allow
};

// "12" -> 12; nothing for anything that is not wholly one decimal number.
std::optional<std::int64_t> ParseInteger(std::string_view text);
// "0-3,8" -> {0, 1, 2, 3, 8}; nothing when malformed or beyond 8192, the kernel's largest NR_CPUS.
std::optional<std::vector<int>> ParseCpuList(std::string_view text);
// {0, 1, 2, 3, 8} -> "0-3,8"
std::string FormatCpuList(const std::vector<int>& cpus);
std::vector<std::string> SplitLines(std::string_view text);
std::vector<std::string> SplitWords(std::string_view text);
std::string_view Trim(std::string_view text);
// The value after `key` and a colon or an equals sign, in lines of "key : value".
std::optional<std::string> Field(std::string_view text, std::string_view key);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_READER_H_
