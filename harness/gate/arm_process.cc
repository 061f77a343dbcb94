// Runs of arms in processes of their own.
#include "harness/gate/arm_process.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/gate/stored.h"
#include "harness/stats/median.h"
#include "results/import_llama_bench.h"
#include "results/json.h"
#include "results/result_file.h"

namespace inferometer {
namespace {

constexpr std::size_t kQuoted = 1500;  // of stderr, from its end

// A file for the stderr of one child, gone with this object.
class ErrorFile {
 public:
  ErrorFile() {
    std::error_code ignored;
    std::string name = std::filesystem::temp_directory_path(ignored) / "inferometer-arm-XXXXXX";
    const int descriptor = ::mkstemp(name.data());
    if (descriptor < 0) return;
    ::close(descriptor);
    path_ = name;
  }
  ~ErrorFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  ErrorFile(const ErrorFile&) = delete;
  ErrorFile& operator=(const ErrorFile&) = delete;
  const std::string& path() const { return path_; }

  std::string End() const {
    if (path_.empty()) return "";
    std::string text = ReadText(path_);
    if (text.size() > kQuoted) text = "..." + text.substr(text.size() - kQuoted);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.empty() ? "" : "\n" + text;
  }

 private:
  std::string path_;
};

// The flags without one of them and its value.
std::vector<std::string> Without(const std::vector<std::string>& flags, std::string_view flag) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] == flag) {
      ++i;
    } else {
      rest.push_back(flags[i]);
    }
  }
  return rest;
}

bool Has(const std::vector<std::string>& flags, std::string_view flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

}  // namespace

std::vector<std::string> CommandLine(const ArmCommand& arm, const Scope& scope) {
  if (!arm.shell.empty()) return {"/bin/sh", "-c", arm.shell};
  std::vector<std::string> flags = arm.flags;
  if (!scope.workloads.empty()) {
    flags = Without(flags, "--workload");
    flags.insert(flags.end(), {"--workload", fmt::format("{}", fmt::join(scope.workloads, ","))});
  }
  if (!Has(flags, "--device") && !Has(flags, "--backend")) {
    for (const std::string& device : scope.devices) {
      flags.insert(flags.end(), {"--device", device});
    }
  }
  if (!Has(flags, "--threads") && scope.threads > 0) {
    flags.insert(flags.end(), {"--threads", std::to_string(scope.threads)});
  }
  std::vector<std::string> words = {arm.program, "run", "--json", "-", "--progress", "none"};
  words.insert(words.end(), flags.begin(), flags.end());
  return words;
}

Result RunArm(const ArmCommand& arm, const Scope& scope, double limit_s) {
  using End = ChildResult::End;
  const ErrorFile errors;
  const ChildRequest request{CommandLine(arm, scope), {}, errors.path()};
  const ChildResult ended = RunChildren(std::array{request}, limit_s, JsonLimits().size_bytes)[0];
  if (ended.end == End::kTimeLimit) {
    throw Error(ExitCode::kTimeLimit,
                fmt::format("{} {}: it hangs, or the policy's arm_time_limit_s is too short{}",
                            arm.name, ended.reason, errors.End()));
  }
  // 1: some rows failed, and the result says which.
  const bool answered =
      ended.end == End::kExited && (ended.code == 0 || (ended.code == 1 && arm.shell.empty()));
  if (!answered) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} {}; it was started as: {}{}", arm.name, ended.reason,
                            fmt::join(request.command, " "), errors.End()));
  }
  return ParseArm(ended.output, "the output of " + arm.name);
}

Result ParseArm(std::string_view text, const std::string& name) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool ours = first != std::string_view::npos && text[first] == '{' &&
                    text.find("\"schema_version\"") != std::string_view::npos;
  if (!ours) {
    Result result = ImportLlamaBench(text, name);
    for (Record& record : result.records) {
      if (record.status == Status::kOk) record.median = Median(record.samples);
    }
    return result;
  }
  Result result = ParseResult(text, name);
  CheckUnedited(result, name);
  return result;
}

}  // namespace inferometer
