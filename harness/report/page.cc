// Puts a result into the dashboard's device page.
#include "harness/report/page.h"

#include "harness/base/embedded.h"

namespace inferometer {

#ifdef INFEROMETER_HAS_PAGE
std::span<const EmbeddedFile> PageFiles();  // device-page.html, built by dashboard/tools/report.mjs
#endif

namespace {

constexpr std::string_view kPlace = "{{json}}";

}  // namespace

std::string_view BuiltPage() {
#ifdef INFEROMETER_HAS_PAGE
  return PageFiles().front().text;
#else
  return {};
#endif
}

bool IsPage(std::string_view text) {
  const std::size_t at = text.find(kPlace);
  return at != std::string_view::npos && text.find(kPlace, at + 1) == std::string_view::npos;
}

std::string FillPage(std::string_view page, std::string_view json) {
  const std::size_t at = page.find(kPlace);
  std::string filled(page.substr(0, at));
  filled.reserve(page.size() + json.size() + json.size() / 16);
  // In JSON a '<' stands in strings alone, where its escape is the same character: so neither
  // "</script" nor "<!--" of a result is markup.
  for (const char c : json) {
    if (c == '<') {
      filled += "\\u003c";
    } else {
      filled += c;
    }
  }
  return filled.append(page.substr(at + kPlace.size()));
}

}  // namespace inferometer
