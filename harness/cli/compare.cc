// `inferometer compare`: results side by side.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/gate/arm_process.h"
#include "harness/gate/side_by_side.h"

namespace inferometer {
namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string json, markdown;
};

constexpr Option<Arguments> kOptions[] = {
    {{"RESULT.json", "RESULT.json",
      "two or more results, ours or llama-bench's; the first is the "
      "one that ratios are to",
      "", "Arguments", true, true},
     [](Arguments& a, const Given& g) { a.files.push_back(g.value); }},
    {{"--json", "FILE", "the table as JSON", "", "Reports ('-' is stdout)"},
     [](Arguments& a, const Given& g) { a.json = g.value; }},
    {{"--markdown", "FILE", "the table for a pull request or a forum", "",
      "Reports ('-' is stdout)"},
     [](Arguments& a, const Given& g) { a.markdown = g.value; }},
};

void Put(const std::string& path, const std::string& text) {
  if (path == "-") {
    PrintOut(text);
    return;
  }
  AtomicFile file(path);
  file.Write(text);
  file.Commit();
}

int Compare(const Arguments& arguments) {
  if (arguments.files.size() < 2) {
    throw Error(ExitCode::kUsage, "compare takes two or more results");
  }
  for (const std::string& path : {arguments.json, arguments.markdown}) {
    if (!path.empty() && path != "-") CheckWritable(path);
  }
  if (!arguments.json.empty() && arguments.json == arguments.markdown) {
    throw Error(ExitCode::kUsage, "--json and --markdown name the same place; give each its own");
  }
  std::vector<Result> results;
  for (const std::string& path : arguments.files) {
    results.push_back(ParseArm(ReadText(path), path));
  }
  const SideBySide sides = PutSideBySide(results, arguments.files);
  if (!arguments.json.empty()) Put(arguments.json, SideBySideJson(sides).dump(2) + "\n");
  if (!arguments.markdown.empty()) Put(arguments.markdown, SideBySideMarkdown(sides));
  if (arguments.json.empty() && arguments.markdown.empty()) PrintOut(SideBySideConsole(sides));
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

Action AddCompare(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] { return Compare(*arguments); };
}

}  // namespace inferometer
