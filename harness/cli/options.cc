// Options as table rows: from one row follow the parser, the help and the documentation.
#include "harness/cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer {
namespace {

[[noreturn]] void Refuse(const Given& given, std::string_view wanted) {
  throw Error(ExitCode::kUsage, fmt::format("{}: '{}' is not {}", given.flag, given.value, wanted));
}

constexpr int kMostByPlace = 1000;  // of arguments that may be repeated

// All of the text as a number, or false.
template <typename Number>
bool Parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

}  // namespace

void AddOption(CLI::App& app, const OptionText& text, std::function<void(const Given&)> set) {
  const std::string help(text.help);
  if (text.value.empty()) {
    const std::string flag(text.names.substr(text.names.rfind(',') + 1));
    app.add_flag_callback(
           std::string(text.names), [set = std::move(set), flag] { set({flag, {}}); }, help)
        ->group(std::string(text.group));
    return;
  }
  const bool by_place = text.names.front() != '-';
  const bool many = by_place && text.repeatable;
  const std::string flag(by_place ? text.value : text.names.substr(text.names.rfind(',') + 1));
  CLI::callback_t take = [set = std::move(set), flag,
                          once = !text.repeatable](const CLI::results_t& values) {
    if (once && values.size() > 1) {
      throw Error(ExitCode::kUsage,
                  fmt::format("{} is given {} times; give it once", flag, values.size()));
    }
    for (const std::string& value : values) {
      if (value.empty()) throw Error(ExitCode::kUsage, fmt::format("{}: the value is empty", flag));
      set({flag, value});
    }
    return true;
  };
  CLI::Option* option = app.add_option(std::string(text.names), std::move(take), help);
  option->type_name(std::string(text.value))
      ->expected(1, many ? kMostByPlace : 1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(many)
      ->required(text.required)
      ->group(std::string(text.group))
      ->default_str(std::string(text.fallback));
}

std::int64_t WholeNumber(const Given& given, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  if (!Parse(given.value, number) || number < low || number > high) {
    Refuse(given, fmt::format("a whole number from {} to {}", low, high));
  }
  return number;
}

std::uint64_t SeedNumber(const Given& given) {
  std::uint64_t number = 0;
  if (!Parse(given.value, number)) Refuse(given, "a whole number from 0 to 2^64 - 1");
  return number;
}

double PositiveNumber(const Given& given) {
  double number = 0;
  if (!Parse(given.value, number) || !std::isfinite(number) || number <= 0) {
    Refuse(given, "a number above 0");
  }
  return number;
}

std::vector<std::string> CommaList(const Given& given) {
  std::vector<std::string> parts(1);
  for (const char c : given.value) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); })) {
    Refuse(given, "a list with commas between its parts");
  }
  return parts;
}

std::string KnownName(const Given& given, std::string_view kind,
                      const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), given.value) == known.end()) {
    throw Error(ExitCode::kUsage,
                fmt::format("{}: {}", given.flag, UnknownName(kind, given.value, known)));
  }
  return given.value;
}

}  // namespace inferometer
