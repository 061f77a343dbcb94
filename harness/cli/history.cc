// `inferometer history`: results over commits.
#include "harness/gate/history.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/gate/arm_process.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string store, result, commit, json;
  HistoryOptions options;
  bool fail = false;
};

constexpr Option<Arguments> kStore = {
    {"--store", "FILE", "the history: one line of JSON for each result", "", "Options", false,
     true},
    [](Arguments& a, const Given& g) { a.store = g.value; }};

constexpr Option<Arguments> kAppendOptions[] = {
    {{"RESULT.json", "RESULT.json", "what was measured", "", "Arguments", false, true},
     [](Arguments& a, const Given& g) { a.result = g.value; }},
    kStore,
    {{"--commit", "SHA", "what was measured", "the result's", "Options"},
     [](Arguments& a, const Given& g) { a.commit = g.value; }},
};

constexpr Option<Arguments> kAnalyzeOptions[] = {
    kStore,
    {{"--window", "N", "points that are looked at together", "50", "Options"},
     [](Arguments& a, const Given& g) {
       a.options.window = static_cast<std::size_t>(WholeNumber(g, 6, 200));
     }},
    {{"--least-change", "SHARE", "smaller changes are not told", "0.03", "Options"},
     [](Arguments& a, const Given& g) { a.options.least_change = PositiveNumber(g); }},
    {{"--fail", "", "exit code 1 when a change for the worse began within the newest window", "",
      "Options"},
     [](Arguments& a, const Given&) { a.fail = true; }},
    {{"--json", "FILE", "the changes as JSON; '-' is stdout", "", "Options"},
     [](Arguments& a, const Given& g) { a.json = g.value; }},
};

int Append(const Arguments& arguments) {
  const Result result = ParseArm(ReadText(arguments.result), arguments.result);
  const std::string line = LineOf(EntryOf(result, arguments.commit));
  // Read first: a line behind a broken one would only hide where it broke.
  std::string store;
  if (std::filesystem::exists(arguments.store)) {
    store = ReadText(arguments.store);
    ParseHistory(store, arguments.store);
    if (!store.empty() && store.back() != '\n') store += '\n';
  }
  AtomicFile file(arguments.store);
  file.Write(store);
  file.Write(line);
  file.Commit();
  return static_cast<int>(ExitCode::kOk);
}

int Analyze(const Arguments& arguments) {
  const std::vector<HistoryEntry> entries =
      ParseHistory(ReadText(arguments.store), arguments.store);
  const std::vector<LevelChange> changes = FindLevelChanges(entries, arguments.options);
  if (arguments.json == "-") {
    PrintOut(HistoryJson(changes).dump(2) + "\n");
  } else {
    if (!arguments.json.empty()) {
      AtomicFile file(arguments.json);
      file.Write(HistoryJson(changes).dump(2) + "\n");
      file.Commit();
    }
    PrintOut(HistoryConsole(changes, entries.size()));
  }
  const bool worse = std::any_of(changes.begin(), changes.end(), [&](const LevelChange& change) {
    return change.worse && change.age <= arguments.options.window;
  });
  return static_cast<int>(worse && arguments.fail ? ExitCode::kRowsFailed : ExitCode::kOk);
}

}  // namespace

Action AddHistory(CLI::App& app) {
  app.require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* append = app.add_subcommand("append", "add a result");
  CLI::App* analyze = app.add_subcommand("analyze", "find where levels began");
  append->group("Commands");
  analyze->group("Commands");
  AddOptions<Arguments>(*append, kAppendOptions, *arguments);
  AddOptions<Arguments>(*analyze, kAnalyzeOptions, *arguments);
  return
      [arguments, append] { return append->parsed() ? Append(*arguments) : Analyze(*arguments); };
}

}  // namespace inferometer
