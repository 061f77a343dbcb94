// `inferometer validate`: what the leaderboard's CI runs.
#include "results/submit/validate.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "results/result_file.h"
#include "results/submit/archive.h"

namespace inferometer {
namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string changes, folder = "results/public", format = "text";
};

constexpr Option<Arguments> kOptions[] = {
    {{"FILE", "FILE", "published results, or the folder of all", "all below the folder",
      "Arguments", true},
     [](Arguments& a, const Given& g) { a.files.push_back(g.value); }},
    {{"--changes", "FILE",
      "what 'git diff --name-status --no-renames' prints: only additions, and those are checked; "
      "'-' is stdin",
      "", "Options"},
     [](Arguments& a, const Given& g) { a.changes = g.value; }},
    {{"--folder", "FOLDER", "where published results lie", "results/public", "Options"},
     [](Arguments& a, const Given& g) { a.folder = g.value; }},
    {{"--format", "FORMAT", "text, json, or github for annotations", "text", "Options"},
     [](Arguments& a, const Given& g) {
       a.format = KnownName(g, "format", {"text", "json", "github"});
     }},
};

constexpr std::size_t kMostChanges = std::size_t{1} << 20, kMostSignature = 16384;

std::string ReadChanges(const std::string& file) {
  if (file != "-") return ReadText(file);
  std::string text;
  char buffer[1 << 14];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ExitCode::kInvalidInput, "stdin cannot be read");
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMostChanges) {
      throw Error(ExitCode::kInvalidInput, "the list of changes is longer than 1 MiB");
    }
  }
}

// Where the file lies below the folder of results; its bare name when it lies elsewhere.
std::string NameBelow(const std::string& folder, const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path relative =
      fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  if (!relative.empty() && *relative.begin() != "..") return relative.generic_string();
  return fs::path(path).filename().string();
}

// A link may lead out of the folder.
bool IsPlainFile(const std::string& path) {
  return std::filesystem::is_regular_file(std::filesystem::symlink_status(path));
}

std::vector<Finding> ValidateFile(const std::string& path, const std::string& name,
                                  const Archive& archive) {
  if (!IsPlainFile(path)) {
    std::vector<Finding> findings = {MakeFinding("only_additions", "", "is not a plain file")};
    findings.front().file = path;
    return findings;
  }
  // Mapped, so that a huge file costs nothing before its size is judged.
  const MappedFile file(path);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()),
                              file.bytes().size());
  Submission submission{.name = name, .text = text, .signature = {}};
  const std::string signature = path + ".minisig";
  if (IsPlainFile(signature)) {
    // A signature has four short lines; a larger file is none.
    submission.signature = std::filesystem::file_size(signature) <= kMostSignature
                               ? ReadText(signature)
                               : std::string();
  }
  std::vector<Finding> findings = Validate(submission, archive);
  for (Finding& finding : findings) finding.file = path;
  return findings;
}

// As workflow commands want it: properties may not hold their separators either.
std::string Escaped(const std::string& text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool reserved =
        c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ','));
    out += reserved ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return out;
}

void Print(const std::vector<Finding>& findings, const std::string& format) {
  if (format == "text") {
    for (const Finding& finding : findings) PrintOut(Printable(Describe(finding)) + "\n");
    return;
  }
  nlohmann::json list = nlohmann::json::array();
  for (const Finding& finding : findings) {
    const std::string severity(NameOf(finding.kind->severity));
    const bool refused = finding.kind->severity == Severity::kInvalid ||
                         finding.kind->severity == Severity::kImplausible;
    const std::string what =
        finding.path.empty() ? finding.what : finding.path + ": " + finding.what;
    if (format == "github") {
      PrintOut(fmt::format("::{} file={},title={}::{}\n", refused ? "error" : "warning",
                           Escaped(finding.file, true), finding.kind->id, Escaped(what, false)));
    }
    list.push_back({{"file", finding.file},
                    {"id", finding.kind->id},
                    {"severity", severity},
                    {"path", finding.path},
                    {"what", finding.what}});
  }
  if (format == "json") {
    PrintOut(list.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n");
  }
}

// What is to be validated: path and name below the folder.
struct Candidate {
  std::string path, name;
};

std::vector<Candidate> CandidatesOf(const Arguments& arguments, std::vector<Finding>& findings) {
  std::vector<Candidate> candidates;
  if (!arguments.changes.empty()) {
    if (!arguments.files.empty()) {
      throw Error(ExitCode::kUsage, "--changes says which files are checked; name none beside it");
    }
    const Additions additions =
        AdditionsOf(ParseChanges(ReadChanges(arguments.changes)), arguments.folder);
    findings = additions.findings;
    for (const std::string& name : additions.results) {
      candidates.push_back({arguments.folder + "/" + name, name});
    }
    return candidates;
  }
  std::vector<std::string> files = arguments.files;
  if (files.empty()) files = {arguments.folder};
  for (const std::string& file : files) {
    if (!std::filesystem::is_directory(file)) {
      candidates.push_back({file, NameBelow(arguments.folder, file)});
      continue;
    }
    for (const std::string& below : ResultFiles(file)) {
      const std::string path = (std::filesystem::path(file) / below).string();
      candidates.push_back({path, NameBelow(arguments.folder, path)});
    }
  }
  return candidates;
}

int ValidateAll(const Arguments& arguments) {
  std::vector<Finding> findings;
  const std::vector<Candidate> candidates = CandidatesOf(arguments, findings);
  std::set<std::string> names;
  for (const Candidate& candidate : candidates) names.insert(candidate.name);
  // Each is held against those that were there before, and those of the same change before it.
  Archive archive = Archive::Read(arguments.folder, names);
  for (const Candidate& candidate : candidates) {
    std::vector<Finding> found = ValidateFile(candidate.path, candidate.name, archive);
    if (ExitCodeOf(found) == ExitCode::kOk) {
      archive.Add(Summarise(candidate.name, ReadResult(candidate.path)));
    }
    findings.insert(findings.end(), std::make_move_iterator(found.begin()),
                    std::make_move_iterator(found.end()));
  }
  Print(findings, arguments.format);
  const auto refused = static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(),
      [](const Finding& finding) { return finding.kind->severity <= Severity::kImplausible; }));
  PrintErr(fmt::format("{} results checked, {} findings, {} of them refuse\n", candidates.size(),
                       findings.size(), refused));
  return static_cast<int>(ExitCodeOf(findings));
}

}  // namespace

Action AddValidate(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] { return ValidateAll(*arguments); };
}

}  // namespace inferometer
