// Text from result files made safe for where it is shown. A file may come from anyone.
#include "harness/report/escape.h"

#include <algorithm>

namespace inferometer {
namespace {

// The length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), 0 when there is
// none.
std::size_t SequenceAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// C0, DEL, C1 and the bidirectional controls (Unicode 15, annex 9: U+200E/F, 202A-E, 2066-9).
bool IsControl(std::string_view character, bool keep_breaks) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) {
    if (keep_breaks && (character[0] == '\n' || character[0] == '\t')) return false;
    return byte(0) < 0x20 || byte(0) == 0x7f;
  }
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() == 3 && byte(0) == 0xe2) {
    if (byte(1) == 0x80)
      return byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xaa && byte(2) <= 0xae);
    return byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
  }
  return false;
}

std::string Clean(std::string_view text, bool keep_breaks) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = SequenceAt(text, at);
    const std::string_view character = text.substr(at, std::max<std::size_t>(length, 1));
    if (length == 0 || IsControl(character, keep_breaks)) {
      out += '?';
    } else {
      out += character;
    }
    at += character.size();
  }
  return out;
}

// The first `columns` characters.
std::string_view Head(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  while (at < text.size() && columns > 0) {
    at += std::max<std::size_t>(SequenceAt(text, at), 1);
    --columns;
  }
  return text.substr(0, at);
}

std::string Cut(std::string_view text, std::size_t width) {
  if (Columns(text) <= width) return std::string(text);
  return std::string(Head(text, width - 1)) + "…";
}

}  // namespace

std::string Plain(std::string_view text) { return Clean(text, false); }

std::string Html(std::string_view text) {
  std::string out;
  for (const char c : Clean(text, true)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Markdown(std::string_view text) {
  std::string out;
  for (const char c : Plain(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#!|>~@").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string Csv(std::string_view text) {
  std::string field(text);
  if (!field.empty() && std::string_view("=+-@\t\r").find(field[0]) != std::string_view::npos) {
    field.insert(0, "'");
  }
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::size_t Columns(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size(); ++columns) {
    at += std::max<std::size_t>(SequenceAt(text, at), 1);
  }
  return columns;
}

std::string PadRight(std::string_view text, std::size_t width) {
  const std::string cut = Cut(text, width);
  return cut + std::string(width - Columns(cut), ' ');
}

std::string PadLeft(std::string_view text, std::size_t width) {
  const std::string cut = Cut(text, width);
  return std::string(width - Columns(cut), ' ') + cut;
}

std::string Wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    std::string_view word = text.substr(at, end - at);
    if (column > 0 && column + 1 + Columns(word) > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (at > 0) {
      out += ' ';
      ++column;
    }
    while (column + Columns(word) > width) {  // a word longer than a line
      const std::string_view head = Head(word, width - column);
      out.append(head).append("\n").append(std::string(indent, ' '));
      word.remove_prefix(head.size());
      column = indent;
    }
    out += word;
    column += Columns(word);
    at = end + 1;
  }
  return out;
}

}  // namespace inferometer
