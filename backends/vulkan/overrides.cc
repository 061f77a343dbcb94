// Reads overrides.
#include "backends/vulkan/overrides.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

#include "harness/base/error.h"

namespace inferometer::vulkan {
namespace {

struct Flag {
  std::string_view word;
  bool Overrides::* member;
};
constexpr Flag kFlags[] = {
    {"no-subgroup", &Overrides::subgroup}, {"no-fp16", &Overrides::fp16},
    {"no-dot", &Overrides::dot},           {"no-matrix", &Overrides::matrix},
    {"no-lanes", &Overrides::lanes},       {"no-unified", &Overrides::unified}};

[[noreturn]] void Fail(std::string_view word) {
  throw Error(ExitCode::kUsage,
              fmt::format("INFEROMETER_VULKAN: '{}' is not known; known are no-subgroup, no-fp16, "
                          "no-dot, dot, no-matrix, matrix, no-lanes, no-unified, "
                          "workgroup=32|64|128 and range=BYTES",
                          word));
}

std::uint64_t Number(std::string_view word, std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) Fail(word);
  return value;
}

void ParseWord(std::string_view word, Overrides& overrides) {
  for (const Flag& flag : kFlags) {
    if (word == flag.word) {
      overrides.*flag.member = false;
      return;
    }
  }
  if (word == "dot") {
    overrides.slow_dot = true;
  } else if (word == "matrix") {
    overrides.slow_matrix = true;
  } else if (word.starts_with("workgroup=")) {
    const std::uint64_t size = Number(word, word.substr(10));
    if (size != 32 && size != 64 && size != 128) Fail(word);
    overrides.workgroup = static_cast<std::uint32_t>(size);
  } else if (word.starts_with("range=")) {
    overrides.range = Number(word, word.substr(6));
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

}  // namespace inferometer::vulkan
