// Reads small files of the system without trusting them.
#include "probes/reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace inferometer {
namespace {

constexpr std::size_t kMostNames = 4096;

std::string ReasonOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "no such file";
    case EACCES:
    case EPERM:
      return "permission denied";
    case ELOOP:
      return "too many symbolic links";
    case ENODEV:
    case ENXIO:
    case ENODATA:
    case EIO:
      return "the driver gives no value";
    default:
      return std::generic_category().message(error);
  }
}

// Well-formed UTF-8 (RFC 3629) without control characters other than tab and line feed.
bool IsText(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if (byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r'))
        return false;
      ++i;
      continue;
    }
    const std::size_t more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    if (byte < 0xc2 || byte > 0xf4 || text.size() - i <= more) return false;
    std::uint32_t point = byte & (0x3fu >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    if ((more == 2 && point < 0x800) || (more == 3 && (point < 0x10000 || point > 0x10ffff)) ||
        (point >= 0xd800 && point < 0xe000)) {
      return false;
    }
    i += 1 + more;
  }
  return true;
}

// Digits compare as numbers, so that cpu2 comes before cpu10.
bool NaturalLess(const std::string& a, const std::string& b) {
  return strverscmp(a.c_str(), b.c_str()) < 0;
}

}  // namespace

Reader::Reader(const SystemRoot& root)
    : root_(root), prefix_(root.files), live_(root.files == "/") {
  while (!prefix_.empty() && prefix_.back() == '/') prefix_.pop_back();
  if (live_) return;
  if (const Reading denied = Text("/inferometer/denied")) denied_ = SplitLines(*denied.text);
}

void Reader::Report(const std::string& path, const std::string& text) const {
  if (root_.on_read) root_.on_read(path, text);
}

std::string Reader::Refusal(const std::string& path, int error) const {
  if (live_ && (error == EACCES || error == EPERM)) Report("/inferometer/denied", path);
  return ReasonOf(error);
}

Reader::Opened Reader::Open(const std::string& path) const {
  const auto refuse = [&](int error) { return Opened{-1, Refusal(path, error)}; };
  if (std::find(denied_.begin(), denied_.end(), path) != denied_.end()) return refuse(EACCES);
  const std::string full = Full(path);
  struct stat status{};
  if (stat(full.c_str(), &status) != 0) return refuse(errno);
  if (S_ISDIR(status.st_mode)) return {-1, "a folder, not a file"};
  if (!S_ISREG(status.st_mode)) return {-1, "not a plain file"};
  const int descriptor = open(full.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  return descriptor < 0 ? refuse(errno) : Opened{descriptor, ""};
}

Reading Reader::Bytes(const std::string& path, std::size_t limit) const {
  const Opened opened = Open(path);
  if (opened.descriptor < 0) return {{}, opened.reason};
  const int descriptor = opened.descriptor;
  std::string text;
  int error = 0;
  while (text.size() <= limit) {
    char buffer[16 << 10];
    const ssize_t got = read(descriptor, buffer, std::min(sizeof buffer, limit + 1 - text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  close(descriptor);
  if (error != 0) return {{}, Refusal(path, error)};
  if (text.size() > limit) return {{}, "larger than " + std::to_string(limit >> 10) + " KiB"};
  return {std::move(text), ""};
}

Reading Reader::Text(const std::string& path, std::size_t limit) const {
  Reading reading = Bytes(path, limit);
  if (!reading) return reading;
  std::string& text = *reading.text;
  while (!text.empty() && (static_cast<unsigned char>(text.back()) <= ' ')) text.pop_back();
  if (text.empty()) return {{}, "empty"};
  if (!IsText(text)) return {{}, "not text"};
  Report(path, text);
  return reading;
}

Reading Reader::Strings(const std::string& path) const {
  Reading reading = Bytes(path, kSmallFile);
  if (!reading) return reading;
  std::string& text = *reading.text;
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.pop_back();
  std::replace(text.begin(), text.end(), '\0', '\n');
  if (text.empty()) return {{}, "empty"};
  if (!IsText(text)) return {{}, "not text"};
  Report(path, text);
  return reading;
}

std::optional<std::int64_t> Reader::Integer(const std::string& path) const {
  const Reading reading = Text(path);
  return reading ? ParseInteger(*reading.text) : std::nullopt;
}

std::vector<std::string> Reader::List(const std::string& path) const {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(Full(path).c_str()), closedir);
  if (folder == nullptr) return names;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || !IsText(name)) continue;
    names.emplace_back(name);
    if (names.size() == kMostNames) break;
  }
  std::sort(names.begin(), names.end(), NaturalLess);
  return names;
}

bool Reader::Exists(const std::string& path) const {
  struct stat status{};
  if (stat(Full(path).c_str(), &status) != 0) return false;
  if (S_ISREG(status.st_mode)) Report(path, "");
  return true;
}

Reading Reader::Ask(const std::string& name, const std::function<std::string()>& ask) const {
  const std::string path = "/inferometer/" + name;
  if (!live_) return Text(path, kLargeFile);
  std::string text;
  if (root_.asked && root_.asked->contains(name)) {
    text = root_.asked->at(name);
  } else {
    text = ask();
    if (root_.asked) (*root_.asked)[name] = text;
  }
  if (text.empty()) return {{}, "the system gives no answer"};
  if (!IsText(text)) return {{}, "not text"};
  Report(path, text);
  return {std::move(text), ""};
}

}  // namespace inferometer
