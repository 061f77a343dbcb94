// `inferometer submit`: redacts, checks, signs and places a result for the leaderboard.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "results/json.h"
#include "results/result_file.h"
#include "results/submit/archive.h"
#include "results/submit/key_file.h"
#include "results/submit/publish.h"
#include "results/submit/validate.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string result, key, into = "results/public";
  bool new_key = false, dry_run = false;
};

constexpr Option<Arguments> kOptions[] = {
    {{"RESULT.json", "RESULT.json", "what 'run --preset leaderboard --json' wrote", "",
      "Arguments"},
     [](Arguments& a, const Given& g) { a.result = g.value; }},
    {{"--dry-run", "",
      "write nothing: the exact bytes to stdout, what leaves the machine and what stays to stderr",
      "", "Options"},
     [](Arguments& a, const Given&) { a.dry_run = true; }},
    {{"--new-key", "", "make the key that submissions are signed with; an old one is never lost",
      "", "Options"},
     [](Arguments& a, const Given&) { a.new_key = true; }},
    {{"--key", "FILE", "the secret key", "~/.config/inferometer/submit.key", "Options"},
     [](Arguments& a, const Given& g) { a.key = g.value; }},
    {{"--into", "FOLDER", "where published results lie", "results/public", "Options"},
     [](Arguments& a, const Given& g) { a.into = g.value; }},
};

// Login and full name of this user in /etc/passwd; none where that file says nothing. (getpwuid
// loads libraries, which a static program cannot.)
std::vector<std::string> AccountNames() {
  std::ifstream accounts("/etc/passwd");
  const std::string uid = std::to_string(::getuid());
  for (std::string line; std::getline(accounts, line);) {
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, ':');) fields.push_back(field);
    if (fields.size() > 4 && fields[2] == uid) {
      return {fields[0], fields[4].substr(0, fields[4].find(','))};
    }
  }
  return {};
}

// The names of the user and of the machine, which no text may hold.
std::vector<std::string> PrivateWords() {
  std::vector<std::string> words;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) {
    const std::string name = host.data();
    words.push_back(name);
    words.push_back(name.substr(0, name.find('.')));
  }
  for (const char* variable : {"USER", "LOGNAME", "SUDO_USER"}) {
    if (const char* value = std::getenv(variable)) words.emplace_back(value);
  }
  if (const char* home = std::getenv("HOME")) {
    words.push_back(std::filesystem::path(home).filename().string());
  }
  for (const std::string& name : AccountNames()) words.push_back(name);
  // Names that say nothing about anybody.
  std::erase_if(words, [](const std::string& word) {
    return word == "root" || word == "localhost" || word == "user" || word == "home";
  });
  return words;
}

int NewKey(const Arguments& arguments, const std::string& path) {
  if (arguments.dry_run) {
    throw Error(ExitCode::kUsage, "--new-key and --dry-run exclude each other; give one of them");
  }
  MakeKeyFile(path);
  PrintErr(
      fmt::format("{}: your secret key; keep a copy, and show it to nobody\n"
                  "{}: your public key; every submission names it\n",
                  Printable(path), Printable(PublicKeyPath(path))));
  return static_cast<int>(ExitCode::kOk);
}

// Throws Error with the findings when the publication would be refused.
void RefuseBad(const std::vector<Finding>& findings) {
  if (findings.empty()) return;
  const ExitCode code = ExitCodeOf(findings);
  if (code != ExitCode::kOk) {
    std::string text = Describe(findings);
    text.pop_back();
    throw Error(code, fmt::format("the leaderboard would refuse this result:\n{}", text));
  }
  PrintErr("accepted, with remarks that are shown beside it:\n");
  for (const Finding& finding : findings) PrintErr("  " + Printable(Describe(finding)) + "\n");
}

int Submit(const Arguments& arguments) {
  const std::string path = arguments.key.empty() ? DefaultKeyPath() : arguments.key;
  if (arguments.new_key && arguments.result.empty()) return NewKey(arguments, path);
  if (arguments.result.empty()) {
    throw Error(ExitCode::kUsage,
                "name a result to submit, or --new-key; see 'inferometer submit --help'");
  }
  const SecretKey key = [&] {
    if (arguments.new_key) NewKey(arguments, path);
    return ReadKeyFile(path);
  }();
  const std::string read = ReadText(arguments.result);
  ParseResult(read, arguments.result);  // a result of ours, or an error that says why not
  const Publication publication =
      Redact(ParseJson(read, arguments.result),
             {.public_key = key.PublicKey(), .private_words = PrivateWords()});
  const std::string text = PublicationText(publication.document);
  if (arguments.dry_run) {
    PrintErr(Describe(publication));
    PrintOut(text);
  }
  const std::string place = PlaceOf(text, publication.document);
  const std::string signature =
      key.Sign(text, "file:" + std::filesystem::path(place).filename().string());
  RefuseBad(Validate({.name = place, .text = text, .signature = signature},
                     Archive::Read(arguments.into)));
  if (arguments.dry_run) {
    PrintErr(fmt::format("would be written to {}/{} with its signature; nothing was written\n",
                         Printable(arguments.into), place));
    return static_cast<int>(ExitCode::kOk);
  }
  const std::string written = PlaceSubmission(arguments.into, place, text, signature);
  PrintErr(
      fmt::format("{} and {}.minisig are ready: commit both and open a pull request\n"
                  "  git add '{}' '{}.minisig'\n",
                  Printable(written), Printable(written), written, written));
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

Action AddSubmit(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] { return Submit(*arguments); };
}

}  // namespace inferometer
