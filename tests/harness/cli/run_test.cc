// `run` as its users see it: what lands on stdout, stderr and in files, also when it is stopped.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "results/validate_schema.h"
#include "tests/harness/cli/program.h"
#include "tests/harness/cli/tiny_model.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A folder with a tiny model in it, and the arguments of a short run on it.
class RunCommand : public ::testing::Test {
 protected:
  RunCommand() { WriteTinyModel(folder_ / "tiny.gguf"); }

  // The budget is what a busy or sanitized machine may need: a tiny model ends long before, by its
  // count of repetitions.
  static std::vector<std::string> Arguments(const std::vector<std::string>& more,
                                            const std::string& budget_s = "60") {
    std::vector<std::string> arguments = {
        "run",        "--preset",       "quick",         "--model", "tiny.gguf",
        "--workload", "decode,prefill", "--time-budget", budget_s,  "--no-wait"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // One that measures until it is stopped.
  static std::vector<std::string> LongRun() {
    return {"run",     "--preset",  "extended",      "--workload", "decode",
            "--model", "tiny.gguf", "--time-budget", "600",        "--no-wait",
            "--json",  "r.json",    "--html",        "r.html"};
  }

  // How far a run comes within its budget depends on how busy the machine is; `complete` is only
  // given where it does not.
  static void ExpectValid(const std::string& text, std::optional<bool> complete = {}) {
    const json document = json::parse(text, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << text.substr(0, 200);
    const auto findings = ValidateSchema(document);
    EXPECT_TRUE(findings.empty()) << Describe(findings);
    EXPECT_EQ(document["run"]["complete"], complete.value_or(document["run"]["complete"]));
  }

  const TemporaryFolder folder_;
};

TEST_F(RunCommand, WritesEveryReportAndASummary) {
  const Ended ended = RunInferometer(
      Arguments({"--json", "r.json", "--html", "r.html", "--csv", "r.csv", "--markdown", "r.md",
                 "--llama-bench-json", "l.json", "--google-benchmark-json", "g.json"},
                "60"),
      folder_.path());
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("decode"));
  EXPECT_THAT(ended.err, HasSubstr("decode"));  // progress, as plain lines
  EXPECT_THAT(ended.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ended.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(folder_.Names(),
              ElementsAre("g.json", "l.json", "r.csv", "r.html", "r.json", "r.md", "tiny.gguf"));
  ExpectValid(ReadText(folder_ / "r.json"), true);
  EXPECT_TRUE(json::accept(ReadText(folder_ / "l.json")));
  EXPECT_TRUE(json::accept(ReadText(folder_ / "g.json")));
}

TEST_F(RunCommand, WritesPureJsonToStdout) {
  const Ended ended = RunInferometer(Arguments({"--json", "-"}), folder_.path());
  ASSERT_EQ(ended.code, 0) << ended.err;
  ExpectValid(ended.out);
  EXPECT_THAT(ended.err, HasSubstr("decode"));  // the summary went there
}

TEST_F(RunCommand, IsSilentOnStderrWhenAsked) {
  const Ended ended =
      RunInferometer(Arguments({"--progress", "none", "--json", "r.json"}), folder_.path());
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.err, IsEmpty());
}

TEST_F(RunCommand, ReplacesAnOldFileWhole) {
  WriteFile(folder_ / "r.json", "old");
  ASSERT_EQ(RunInferometer(Arguments({"--json", "r.json"}), folder_.path()).code, 0);
  ExpectValid(ReadText(folder_ / "r.json"));
  EXPECT_THAT(folder_.Names(), ElementsAre("r.json", "tiny.gguf"));
}

class Stopped : public RunCommand, public ::testing::WithParamInterface<int> {};

TEST_P(Stopped, OnceWritesWhatWasMeasured) {
  Program program(LongRun(), folder_.path());
  ASSERT_TRUE(program.WaitForErr("measure"));
  program.Kill(GetParam());
  const Ended ended = program.Wait();
  EXPECT_EQ(ended.code, 128 + GetParam()) << ended.err;
  ExpectValid(ReadText(folder_ / "r.json"), false);
  EXPECT_THAT(folder_.Names(), ElementsAre("r.html", "r.json", "tiny.gguf"));
}

TEST_P(Stopped, BeforeAnythingWasMeasuredWritesAFileTooAndSaysWhy) {
  Program program(LongRun(), folder_.path());
  ASSERT_TRUE(program.WaitForErr("upload"));
  program.Kill(GetParam());
  const Ended ended = program.Wait();
  EXPECT_EQ(ended.code, 128 + GetParam()) << ended.err;
  const std::string text = ReadText(folder_ / "r.json");
  ExpectValid(text, false);
  EXPECT_EQ(json::parse(text)["run"]["incomplete"], "interrupted");
}

INSTANTIATE_TEST_SUITE_P(Signals, Stopped, ::testing::Values(SIGINT, SIGTERM));

TEST_F(RunCommand, StoppedTwiceEndsAtOnceAndLeavesTheOldFileWhole) {
  WriteFile(folder_ / "r.json", "old");
  Program program(LongRun(), folder_.path());
  ASSERT_TRUE(program.WaitForErr("measure"));
  program.Kill(SIGSTOP);  // so that both arrive before the program can act on the first
  program.Kill(SIGINT);
  program.Kill(SIGTERM);
  program.Kill(SIGCONT);
  EXPECT_THAT(program.Wait().code, AnyOf(128 + SIGINT, 128 + SIGTERM));
  EXPECT_EQ(ReadText(folder_ / "r.json"), "old");
  EXPECT_THAT(folder_.Names(), ElementsAre("r.json", "tiny.gguf"));
}

TEST_F(RunCommand, KilledLeavesTheOldFileWholeAndNothingInTheWay) {
  WriteFile(folder_ / "r.json", "old");
  Program program(LongRun(), folder_.path());
  ASSERT_TRUE(program.WaitForErr("measure"));
  program.Kill(SIGKILL);
  EXPECT_EQ(program.Wait().signal, SIGKILL);
  EXPECT_EQ(ReadText(folder_ / "r.json"), "old");
  EXPECT_THAT(folder_.Names(), ElementsAre("r.json", "tiny.gguf"));
  ASSERT_EQ(RunInferometer(Arguments({"--json", "r.json"}), folder_.path()).code, 0);
  ExpectValid(ReadText(folder_ / "r.json"));
}

// What a terminal of `columns` columns is sent during a run.
std::string OnTerminal(const TemporaryFolder& folder, unsigned short columns,
                       const Environment& environment, const std::vector<std::string>& arguments) {
  Program program(arguments, folder.path(), environment, Program::Streams::kTerminal, columns);
  const Ended ended = program.Wait();
  EXPECT_EQ(ended.code, 0) << ended.err;
  return ended.err;
}

// The pieces of the live line: each begins with a carriage return and ends with "erase to the end".
std::vector<std::string> LiveLines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; (at = text.find('\r', at)) != std::string::npos; ++at) {
    const std::size_t end = text.find("\x1b[K", at);
    const std::size_t next = std::min(text.find('\r', at + 1), text.find('\n', at + 1));
    if (end != std::string::npos && end < next) lines.push_back(text.substr(at + 1, end - at - 1));
  }
  return lines;
}

TEST_F(RunCommand, ShowsOneLiveLineThatFitsTheTerminal) {
  constexpr unsigned short kColumns = 40;
  std::string text =
      OnTerminal(folder_, kColumns, {{"NO_COLOR", "1"}}, Arguments({"--json", "r.json"}));
  const std::vector<std::string> lines = LiveLines(text);
  ASSERT_GE(lines.size(), 2u) << text;
  for (const std::string& line : lines) EXPECT_LT(line.size(), kColumns) << line;
  EXPECT_EQ(lines.back(), "");  // cleared at the end
  for (std::size_t at; (at = text.find("\x1b[K")) != std::string::npos;) text.erase(at, 3);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));  // NO_COLOR
}

TEST_F(RunCommand, EndsOnATerminalWithTheFilesItWrote) {
  EXPECT_THAT(OnTerminal(folder_, 80, {}, Arguments({"--json", "r.json", "--html", "r.html"})),
              EndsWith("wrote r.json\r\nwrote r.html\r\n"));
}

TEST_F(RunCommand, ColoursATerminal) {
  EXPECT_THAT(OnTerminal(folder_, 80, {}, Arguments({"--json", "r.json"})), HasSubstr("\x1b[36m"));
}

TEST_F(RunCommand, PrintsASummaryOfEightyColumns) {
  const Ended ended = RunInferometer(Arguments({}), folder_.path());
  std::istringstream lines(ended.out);
  for (std::string line; std::getline(lines, line);) {
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    });
    EXPECT_LE(columns, 80) << line;
  }
}

TEST_F(RunCommand, ItsResultCanBeReportedAgain) {
  ASSERT_EQ(RunInferometer(Arguments({"--json", "r.json", "--csv", "a.csv"}), folder_.path()).code,
            0);
  const Ended again = RunInferometer({"report", "r.json", "--csv", "-"}, folder_.path());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, ReadText(folder_ / "a.csv"));
  const Ended summary = RunInferometer({"report", "r.json"}, folder_.path());
  EXPECT_EQ(summary.code, 0);
  EXPECT_THAT(summary.out, HasSubstr("decode"));
}

}  // namespace
}  // namespace inferometer
