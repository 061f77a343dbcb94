// Reads overrides.
#include "backends/opencl/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "harness/base/error.h"

namespace inferometer::opencl {
namespace {

struct Flag {
  std::string_view word;
  bool Overrides::* member;
};
constexpr Flag kFlags[] = {
    {"no-subgroup", &Overrides::subgroup}, {"no-fp16", &Overrides::fp16},
    {"no-dot", &Overrides::dot},           {"no-builtin", &Overrides::builtin},
    {"no-unified", &Overrides::unified},   {"no-tuning", &Overrides::tuning}};

[[noreturn]] void Fail(std::string_view word) {
  std::string known;
  for (const Flag& flag : kFlags) known += fmt::format("{}, ", flag.word);
  throw Error(ExitCode::kUsage,
              fmt::format("INFEROMETER_OPENCL: '{}' is not known; known are {}path=wide|group and "
                          "range=BYTES",
                          word, known));
}

void ParseWord(std::string_view word, Overrides& overrides) {
  for (const Flag& flag : kFlags) {
    if (word == flag.word) {
      overrides.*flag.member = false;
      return;
    }
  }
  constexpr std::string_view kRange = "range=";
  if (word == "path=wide") {
    overrides.path = Path::kWide;
  } else if (word == "path=group") {
    overrides.path = Path::kGroup;
  } else if (word.starts_with(kRange)) {
    const char* end = word.data() + word.size();
    const auto [at, error] = std::from_chars(word.data() + kRange.size(), end, overrides.range);
    if (error != std::errc() || at != end) Fail(word);
  } else {
    Fail(word);
  }
}

}  // namespace

Overrides ParseOverrides(std::string_view text) {
  Overrides overrides;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
    if (end > 0) ParseWord(text.substr(0, end), overrides);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return overrides;
}

}  // namespace inferometer::opencl
