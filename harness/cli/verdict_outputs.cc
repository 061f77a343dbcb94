// Where verdicts go.
#include "harness/cli/verdict_outputs.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/report/escape.h"

namespace inferometer {
namespace {

constexpr Option<std::string> kPolicy[] = {
    {{"--policy", "FILE", "what counts as a regression", "the program's own", "Gate"},
     [](std::string& path, const Given& g) { path = g.value; }},
};
constexpr Option<std::string> kInconclusive[] = {
    {{"--inconclusive", "WHAT", "pass or fail: what rows too noisy to decide mean", "the policy's",
      "Gate"},
     [](std::string& what, const Given& g) { what = KnownName(g, "word", {"pass", "fail"}); }},
};
constexpr Option<std::string> kAnnotations[] = {
    {{"--annotations", "STYLE", "github, none or auto: github where GITHUB_ACTIONS is true", "auto",
      "Reports ('-' is stdout)"},
     [](std::string& style, const Given& g) {
       style = KnownName(g, "style", {"github", "none", "auto"});
     }},
};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

void AppendToGithubSummary(const std::string& markdown) {
  const std::string path = Variable("GITHUB_STEP_SUMMARY");
  if (path.empty()) return;
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << markdown;
  file.close();
  if (!file) {
    throw Error(ExitCode::kUsage,
                fmt::format("cannot write '{}', which GITHUB_STEP_SUMMARY names", path));
  }
}

void VerdictOutputs::AddOptions(CLI::App& app) {
  inferometer::AddOptions<std::string>(app, kPolicy, policy_);
  inferometer::AddOptions<std::string>(app, kInconclusive, inconclusive_);
  for (const VerdictFormat& format : VerdictFormats()) {
    AddOption(app, {format.flag, "FILE", format.help, "", "Reports ('-' is stdout)"},
              [this, &format](const Given& given) { places_.push_back({&format, given.value}); });
  }
  inferometer::AddOptions<std::string>(app, kAnnotations, annotations_);
}

Policy VerdictOutputs::ReadPolicy() const {
  Policy policy = policy_.empty() ? Policy() : inferometer::ReadPolicy(policy_);
  if (!inconclusive_.empty()) policy.inconclusive_fails = inconclusive_ == "fail";
  return policy;
}

void VerdictOutputs::Check() const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (places_[i].path == places_[j].path) {
        throw Error(ExitCode::kUsage,
                    fmt::format("{} and {} both name '{}'; give each a place of its own",
                                places_[j].format->flag, places_[i].format->flag, places_[i].path));
      }
    }
    if (places_[i].path != "-") CheckWritable(places_[i].path);
  }
}

bool VerdictOutputs::Annotates() const {
  return annotations_ == "github" ||
         (annotations_ == "auto" && Variable("GITHUB_ACTIONS") == "true");
}

int VerdictOutputs::Write(const Findings& findings, const Policy& policy) const {
  bool stdout_taken = false, summary_written = false;
  for (const Place& place : places_) {
    const std::string text = place.format->render(findings, policy);
    summary_written = summary_written || place.format->render == VerdictMarkdown;
    if (place.path == "-") {
      stdout_taken = true;
      PrintOut(text);
    } else {
      AtomicFile file(place.path);
      file.Write(text);
      file.Commit();
    }
  }
  if (!summary_written) AppendToGithubSummary(VerdictMarkdown(findings, policy));
  const std::string console = VerdictConsole(findings, policy);
  stdout_taken ? PrintErr(console) : PrintOut(console);
  if (Annotates()) PrintErr(VerdictAnnotations(findings, policy));
  return static_cast<int>(ExitCodeOf(findings, policy));
}

void VerdictOutputs::WriteFailure(const std::string& message) const {
  AppendToGithubSummary("### ❌ Performance: not compared\n\n" + Markdown(message) + "\n");
  if (!Annotates()) return;
  std::string line;
  for (const char c : message) {
    line += c == '\n' ? "%0A" : c == '\r' ? "%0D" : c == '%' ? "%25" : std::string(1, c);
  }
  PrintErr("::error title=Performance%3A not compared::" + line + "\n");
}

}  // namespace inferometer
