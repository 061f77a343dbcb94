// Options as table rows: from one row follow the parser, the help and the documentation.
#ifndef INFEROMETER_HARNESS_CLI_OPTIONS_H_
#define INFEROMETER_HARNESS_CLI_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace inferometer {

// One use of an option on the command line; a switch has an empty value.
struct Given {
  std::string flag;  // "--threads", or "FILE" for an argument without a flag
  std::string value;
};

// The words of an option.
struct OptionText {
  std::string_view names;     // "--json", "-o,--output"; without dashes: an argument by place
  std::string_view value;     // "FILE"; empty: a switch
  std::string_view help;      // what it does, lower case, no full stop
  std::string_view fallback;  // the default as shown; empty: none
  std::string_view group;     // the heading it stands under
  bool repeatable = false;
  bool required = false;
};

// A row: its words and what it sets in the arguments of its command. `set` throws Error(kUsage).
template <typename Arguments>
struct Option {
  OptionText text;
  void (*set)(Arguments& arguments, const Given& given);
};

// Adds one option to a parser; `set` is called once for each use, in order.
void AddOption(CLI::App& app, const OptionText& text, std::function<void(const Given&)> set);

// Adds a table. `arguments` must live as long as the parser.
template <typename Arguments>
void AddOptions(CLI::App& app, std::span<const Option<Arguments>> options, Arguments& arguments) {
  for (const Option<Arguments>& option : options) {
    AddOption(app, option.text,
              [&arguments, set = option.set](const Given& given) { set(arguments, given); });
  }
}

// The value as a number. Throw Error(kUsage) naming the flag, the value and the range.
std::int64_t WholeNumber(const Given& given, std::int64_t low, std::int64_t high);
std::uint64_t SeedNumber(const Given& given);
double PositiveNumber(const Given& given);

// The value cut at commas. Throws Error(kUsage) when one part is empty.
std::vector<std::string> CommaList(const Given& given);

// The value when it is one of `known`, else Error(kUsage) with the nearest.
std::string KnownName(const Given& given, std::string_view kind,
                      const std::vector<std::string>& known);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_OPTIONS_H_
