// Matchers by hand: each looks at every character once or at a short run, whatever the text.
#include "results/submit/personal_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "results/submit/minisign.h"

namespace inferometer {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWord(char c) { return IsDigit(c) || IsAlpha(c) || c == '_'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool HasEmail(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at == 0 || !(IsWord(text[at - 1]) || text[at - 1] == '.')) continue;
    std::size_t end = at + 1, dot = 0;
    while (end < text.size() && (IsWord(text[end]) || text[end] == '-' || text[end] == '.')) {
      if (text[end] == '.') dot = end;
      ++end;
    }
    if (dot > at + 1 && dot + 2 < end && IsAlpha(text[dot + 1])) return true;
  }
  return false;
}

bool HasPath(std::string_view text) {
  constexpr std::string_view kSystem[] = {"/sys/", "/proc/", "/dev/", "/usr/", "/etc/", "/lib"};
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '\\' && (text[i + 1] == '\\' || (i > 0 && text[i - 1] == ':'))) return true;
    if (text[i] == '~' && text[i + 1] == '/') return true;
    if (text[i] != '/' || !(IsWord(text[i + 1]) || text[i + 1] == '.')) continue;
    if (i > 0 && (IsWord(text[i - 1]) || text[i - 1] == ')' || text[i - 1] == '.')) continue;
    const bool system = std::any_of(std::begin(kSystem), std::end(kSystem), [&](auto folder) {
      return text.substr(i).starts_with(folder);
    });
    if (!system && text.find('/', i + 1) != std::string_view::npos) return true;
  }
  return false;
}

// Groups of hex digits with one separator between: the sizes of the run that begins at `at`.
std::vector<std::size_t> HexGroups(std::string_view text, std::size_t at, char separator,
                                   std::size_t& end) {
  std::vector<std::size_t> groups = {0};
  for (end = at; end < text.size() && groups.size() <= 9; ++end) {
    if (IsHex(text[end])) {
      ++groups.back();
    } else if (text[end] == separator) {
      groups.push_back(0);
    } else {
      break;
    }
  }
  return groups;
}

std::string_view HexAddress(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!(IsHex(text[i]) || text[i] == ':') || (i > 0 && IsWord(text[i - 1]))) continue;
    std::size_t end = i;
    for (const char separator : {':', '-'}) {
      const std::vector<std::size_t> groups = HexGroups(text, i, separator, end);
      if (end < text.size() && IsWord(text[end])) continue;
      const bool pairs = std::all_of(groups.begin(), groups.end(), [](auto n) { return n == 2; });
      if (pairs && (groups.size() == 6 || groups.size() == 8)) return "a MAC address";
      if (separator == '-' && groups == std::vector<std::size_t>{8, 4, 4, 4, 12}) return "a UUID";
      const bool short_groups =
          std::all_of(groups.begin(), groups.end(), [](auto n) { return n <= 4; });
      const auto gap = text.substr(i, end - i).find("::");
      if (separator == ':' && short_groups &&
          (groups.size() == 8 || (gap != std::string_view::npos && groups.size() >= 4))) {
        return "an IP address";
      }
    }
  }
  return {};
}

// The four numbers of an IPv4 address that begins at `at`.
std::optional<std::array<int, 4>> IPv4At(std::string_view text, std::size_t at) {
  std::array<int, 4> parts{};
  std::size_t i = at;
  for (int part = 0; part < 4; ++part) {
    const std::size_t begin = i;
    int value = 0;
    while (i < text.size() && IsDigit(text[i]) && i - begin < 4)
      value = 10 * value + text[i++] - '0';
    if (i == begin || value > 255) return std::nullopt;
    parts[static_cast<std::size_t>(part)] = value;
    if (part < 3 && (i >= text.size() || text[i++] != '.')) return std::nullopt;
  }
  const bool goes_on =
      i < text.size() &&
      (IsWord(text[i]) || (text[i] == '.' && i + 1 < text.size() && IsDigit(text[i + 1])));
  if (goes_on) return std::nullopt;
  return parts;
}

bool HasIPv4(std::string_view text, bool is_version) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsDigit(text[i]) || (i > 0 && (IsWord(text[i - 1]) || text[i - 1] == '.'))) continue;
    const auto parts = IPv4At(text, i);
    if (!parts) continue;
    const auto [a, b, c, d] = *parts;
    const bool local = (a == 192 && b == 168) || (a == 172 && b >= 16 && b < 32) || a == 127 ||
                       (a == 169 && b == 254);
    if (local || !is_version) return true;
  }
  return false;
}

// A run of digits alone, as long as the number of a phone, a card or a device: 12 to 20. The 12 of
// the hash that names an unknown model may all be below ten.
bool HasLongNumber(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    bool digits = true;
    for (; end < text.size() && IsWord(text[end]); ++end) digits = digits && IsDigit(text[end]);
    const bool hash = end - i == 12 && text.substr(0, i).ends_with("gguf-");
    if (digits && end - i >= 12 && end - i <= 20 && !hash) return true;
    i = end + 1;
  }
  return false;
}

bool HasPhoneNumber(std::string_view text) {
  for (std::size_t at = text.find('+'); at != std::string_view::npos; at = text.find('+', at + 1)) {
    int digits = 0;
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (IsDigit(text[i])) {
        ++digits;
      } else if (text[i] != ' ' && text[i] != '-' && text[i] != '(' && text[i] != ')') {
        break;
      }
    }
    if (digits >= 9) return true;
  }
  return false;
}

// `word` with no letter or digit behind it, and with or without one before it.
bool HasWordAt(std::string_view lower, std::string_view word, bool behind_word) {
  for (std::size_t at = lower.find(word); at != std::string_view::npos;
       at = lower.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool behind = at > 0 && IsWord(lower[at - 1]);
    if (behind == behind_word && (end == lower.size() || !IsWord(lower[end]))) return true;
  }
  return false;
}

}  // namespace

std::string_view PersonalDataIn(std::string_view text, bool is_version) {
  if (HasEmail(text)) return "an e-mail address";
  if (text.find("://") != std::string_view::npos) return "a URL";
  if (HasPath(text)) return "a path";
  if (const std::string_view hex = HexAddress(text); !hex.empty()) return hex;
  if (HasIPv4(text, is_version)) return "an IP address";
  if (HasLongNumber(text)) return "a long number";
  if (HasPhoneNumber(text)) return "a phone number";
  const std::string lower = Lower(text);
  for (const std::string_view suffix :
       {".local", ".lan", ".localdomain", ".internal", ".fritz.box"}) {
    if (HasWordAt(lower, suffix, true)) return "a host name";
  }
  for (const std::string_view word : {"serial no", "serial number", "serial", "s/n", "imei"}) {
    if (HasWordAt(lower, word, false)) return "a serial number";
  }
  for (const std::string_view word : {"password", "passwd", "api_key", "api key", "secret"}) {
    if (HasWordAt(lower, word, false)) return "a secret";
  }
  return {};
}

bool HasWord(std::string_view text, std::span<const std::string> words) {
  const std::string lower = Lower(text);
  for (const std::string& raw : words) {
    const std::string word = Lower(raw);
    if (word.size() < 3) continue;
    for (std::size_t at = lower.find(word); at != std::string::npos;
         at = lower.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      const bool begins = at == 0 || !(IsDigit(lower[at - 1]) || IsAlpha(lower[at - 1]));
      const bool ends = end == lower.size() || !(IsDigit(lower[end]) || IsAlpha(lower[end]));
      if (begins && ends) return true;
    }
  }
  return false;
}

std::string_view PersonalDataOf(std::string_view key, std::string_view text) {
  // A key is random: one of a hundred looks like a path, a phone number or an address.
  if (key == "public_key" && IsPublicKey(text)) return {};
  const bool is_version = key.find("version") != std::string_view::npos || key == "driver_info" ||
                          key == "platform" || key == "compiler" || key == "libc";
  return PersonalDataIn(text, is_version);
}

namespace {

void Walk(const nlohmann::json& json, const std::string& path, std::string_view key,
          std::vector<PersonalData>& found) {
  if (json.is_string()) {
    const std::string_view what = PersonalDataOf(key, json.get_ref<const std::string&>());
    if (!what.empty()) found.push_back({path, what});
  } else if (json.is_object()) {
    for (const auto& [name, value] : json.items()) {
      const std::string at = (path.empty() ? "" : path + ".") + name.substr(0, 60);
      const std::string_view what = PersonalDataIn(name);
      if (!what.empty()) found.push_back({at, what});
      Walk(value, at, name, found);
    }
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      if (json[i].is_string() || json[i].is_structured()) {
        Walk(json[i], fmt::format("{}[{}]", path, i), key, found);
      }
    }
  }
}

}  // namespace

std::vector<PersonalData> FindPersonalData(const nlohmann::json& document) {
  std::vector<PersonalData> found;
  Walk(document, "", "", found);
  return found;
}

}  // namespace inferometer
