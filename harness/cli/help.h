// The words of the command line about itself: help, its reference in Markdown, and suggestions.
#ifndef INFEROMETER_HARNESS_CLI_HELP_H_
#define INFEROMETER_HARNESS_CLI_HELP_H_

#include <cstddef>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace inferometer {

// Help for a command as it stands in the parser, at most 80 columns wide: what it does, how it is
// called, its commands and options under their headings, examples.
std::string HelpText(const CLI::App& app, const std::string& name);

// The help of every command as one Markdown section each: what harness/cli/README.md holds.
std::string HelpMarkdown(const CLI::App& root);

// What the parser could not place (`left_over`, not empty) in words, with the nearest name that
// `app` knows.
std::string UnknownArgument(const CLI::App& app, const std::vector<std::string>& left_over);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_HELP_H_
