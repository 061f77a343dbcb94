// The words of the command line about itself: help, its reference in Markdown, and suggestions.
#include "harness/cli/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <utility>

#include "harness/base/text.h"
#include "harness/cli/terminal.h"

namespace inferometer {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kLongestLeft = 32;  // of the left column; what is longer gets its own line

struct Line {
  std::string left, right;
};

// A heading and the lines under it.
struct Section {
  std::string heading;
  std::vector<Line> lines;
};

// The options' rows indented by two, their texts aligned.
std::string Render(const Section& section, std::size_t left_width) {
  std::string out = section.heading + ":\n";
  for (const Line& line : section.lines) {
    std::string left = "  " + line.left;
    if (line.left.size() > left_width) {
      out += left + "\n";
      left.clear();
    }
    for (const std::string& text : WrapWords(line.right, kWidth - left_width - 4)) {
      out += fmt::format("{:<{}}{}\n", left, left_width + 4, text);
      left.clear();
    }
  }
  return out;
}

Section& SectionNamed(std::vector<Section>& sections, const std::string& heading) {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const Section& s) { return s.heading == heading; });
  if (found != sections.end()) return *found;
  return sections.emplace_back(Section{heading, {}});
}

Line LineOf(const CLI::Option& option) {
  std::string left;
  if (option.get_positional()) {
    left = option.get_type_name();
  } else {
    for (const std::string& name : option.get_snames()) left += "-" + name + ", ";
    if (left.empty()) left = "    ";
    for (const std::string& name : option.get_lnames()) left += "--" + name + " ";
    left += option.get_type_name();
    left.erase(left.find_last_not_of(' ') + 1);
  }
  std::string right = option.get_description();
  if (!option.get_default_str().empty()) right += " [default: " + option.get_default_str() + "]";
  return {left, right};
}

std::vector<Section> SectionsOf(const CLI::App& app) {
  std::vector<Section> sections;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    SectionNamed(sections, command->get_group())
        .lines.push_back({command->get_name(), command->get_description()});
  }
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    SectionNamed(sections, option->get_group()).lines.push_back(LineOf(*option));
  }
  // --help comes first in the parser; people look for it last.
  const auto options = std::find_if(sections.begin(), sections.end(),
                                    [](const Section& s) { return s.heading == "Options"; });
  if (options != sections.end()) std::rotate(options, options + 1, sections.end());
  return sections;
}

std::string UsageOf(const CLI::App& app, const std::string& name) {
  std::string usage = "Usage: " + name;
  if (!app.get_subcommands([](const CLI::App*) { return true; }).empty()) usage += " COMMAND";
  std::string optional;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      usage += " " + option->get_type_name() + (option->get_expected_max() > 1 ? " ..." : "");
    } else if (option->get_required()) {
      usage += " " + option->get_name() + " " + option->get_type_name();
    } else {
      optional = " [options]";
    }
  }
  return usage + optional + "\n";
}

void AppendMarkdown(const CLI::App& app, const std::string& name, std::string& out) {
  out += fmt::format("## {}\n\n```text\n{}```\n\n", name, HelpText(app, name));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    AppendMarkdown(*command, name + " " + command->get_name(), out);
  }
}

}  // namespace

std::string HelpText(const CLI::App& app, const std::string& name) {
  std::string out;
  if (std::string description = app.get_description(); !description.empty()) {
    if (description.front() >= 'a' && description.front() <= 'z') description.front() -= 'a' - 'A';
    if (description.back() != '.') description += '.';
    for (const std::string& line : WrapWords(description, kWidth)) out += line + "\n";
    out += "\n";
  }
  out += UsageOf(app, name);
  const std::vector<Section> sections = SectionsOf(app);
  std::size_t left_width = 0;
  for (const Section& section : sections) {
    for (const Line& line : section.lines) {
      if (line.left.size() <= kLongestLeft) left_width = std::max(left_width, line.left.size());
    }
  }
  for (const Section& section : sections) out += "\n" + Render(section, left_width);
  if (!app.get_footer().empty()) out += "\n" + app.get_footer();
  return out;
}

std::string HelpMarkdown(const CLI::App& root) {
  std::string out;
  AppendMarkdown(root, root.get_name(), out);
  out.pop_back();
  return out;
}

std::string UnknownArgument(const CLI::App& app, const std::vector<std::string>& left_over) {
  const std::string& word = left_over.front();
  if (word.size() > 1 && word.front() == '-') {
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_group().empty()) continue;
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
      for (const std::string& name : option->get_snames()) flags.push_back("-" + name);
    }
    return UnknownName("flag", word.substr(0, word.find('=')), flags);
  }
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(command->get_name());
  }
  if (!commands.empty()) return UnknownName("command", word, commands);
  return fmt::format("unexpected argument '{}'; see 'inferometer {} --help'", word, app.get_name());
}

}  // namespace inferometer
