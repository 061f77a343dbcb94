// `inferometer results`: published results as a table, and the leaderboard made of it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "results/submit/export.h"
#include "results/submit/leaderboard.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string folder = "results/public", from, ndjson, csv, markdown;
};

constexpr Option<Arguments> kFolder = {
    {"--folder", "FOLDER", "where published results lie", "results/public", "Options"},
    [](Arguments& a, const Given& g) { a.folder = g.value; }};
constexpr Option<Arguments> kCsv = {{"--csv", "FILE", "as CSV; '-' is stdout", "", "Options"},
                                    [](Arguments& a, const Given& g) { a.csv = g.value; }};

constexpr Option<Arguments> kExportOptions[] = {
    kFolder,
    {{"--ndjson", "FILE", "one JSON object a line; '-' is stdout", "", "Options"},
     [](Arguments& a, const Given& g) { a.ndjson = g.value; }},
    kCsv};

constexpr Option<Arguments> kLeaderboardOptions[] = {
    kFolder,
    {{"--from", "FILE", "rows that 'results export --ndjson' wrote, instead of a folder", "",
      "Options"},
     [](Arguments& a, const Given& g) { a.from = g.value; }},
    kCsv,
    {{"--markdown", "FILE", "as a Markdown table; '-' is stdout", "", "Options"},
     [](Arguments& a, const Given& g) { a.markdown = g.value; }}};

void Put(const std::string& place, const std::string& text) {
  if (place.empty()) return;
  if (place == "-") {
    PrintOut(text);
    return;
  }
  AtomicFile file(place);
  file.Write(text);
  file.Commit();
}

void CheckPlaces(const std::string& a, const std::string& b) {
  if (!a.empty() && a == b) {
    throw Error(ExitCode::kUsage,
                fmt::format("two outputs go to '{}'; give them different places", a));
  }
}

std::vector<nlohmann::json> RowsBelow(const std::string& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw Error(
        ExitCode::kInvalidInput,
        fmt::format("'{}' is not a folder: name that of published results with --folder", folder));
  }
  // Remarks and maintainers' keys lie beside the folder.
  const std::filesystem::path beside = std::filesystem::weakly_canonical(folder).parent_path();
  return ExportRows(folder, ReadFlags((beside / "flags.json").string()),
                    ReadMaintainers((beside / "maintainers.json").string()));
}

int Export(const Arguments& arguments) {
  CheckPlaces(arguments.ndjson, arguments.csv);
  const std::vector<nlohmann::json> rows = RowsBelow(arguments.folder);
  std::string ndjson, csv = CsvHeader() + "\n";
  for (const nlohmann::json& row : rows) {
    ndjson += NdjsonLine(row) + "\n";
    csv += CsvLine(row) + "\n";
  }
  Put(arguments.csv, csv);
  // Without a place the rows are the command's output.
  Put(arguments.ndjson.empty() && arguments.csv.empty() ? "-" : arguments.ndjson, ndjson);
  return static_cast<int>(ExitCode::kOk);
}

std::vector<Standing> StandingsOf(const Arguments& arguments) {
  if (arguments.from.empty()) return Standings(RowsBelow(arguments.folder));
  const MappedFile file(arguments.from);
  Leaderboard leaderboard;
  ForEachRow({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()},
             arguments.from, [&](const nlohmann::json& row) { leaderboard.Add(row); });
  return leaderboard.Standings();
}

int Rank(const Arguments& arguments) {
  CheckPlaces(arguments.csv, arguments.markdown);
  const std::vector<Standing> standings = StandingsOf(arguments);
  Put(arguments.csv, StandingsCsv(standings));
  Put(arguments.csv.empty() && arguments.markdown.empty() ? "-" : arguments.markdown,
      StandingsMarkdown(standings));
  return static_cast<int>(ExitCode::kOk);
}

// A command below `results`, with arguments of its own.
Action AddPart(CLI::App& app, const char* name, const char* help,
               std::span<const Option<Arguments>> options, int (*act)(const Arguments&)) {
  CLI::App* part = app.add_subcommand(name, help);
  part->group("Commands");
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(*part, options, *arguments);
  return [part, arguments, act] { return part->parsed() ? act(*arguments) : -1; };
}

}  // namespace

Action AddResults(CLI::App& app) {
  app.require_subcommand(1);
  const std::vector<Action> parts = {
      AddPart(app, "export", "every measured row of every published result", kExportOptions,
              Export),
      AddPart(app, "leaderboard", "what each hardware does, over all who published",
              kLeaderboardOptions, Rank)};
  return [parts] {
    for (const Action& part : parts) {
      if (const int code = part(); code >= 0) return code;
    }
    return static_cast<int>(ExitCode::kUsage);  // not reached: the parser wants one of them
  };
}

}  // namespace inferometer
