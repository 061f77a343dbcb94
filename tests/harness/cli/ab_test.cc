// `ab` with arms that print canned results: verdicts, reports, exit codes.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "harness/base/file.h"
#include "results/validate_schema.h"
#include "tests/harness/cli/canned.h"
#include "tests/harness/cli/program.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Ab : public ::testing::Test {
 protected:
  Ab() { WriteFile(folder_ / "base.json", Canned().dump()); }

  Ended Compare(const json& head, std::vector<std::string> more = {},
                const Environment& environment = {}) {
    WriteFile(folder_ / "head.json", head.dump());
    return CompareCommand("cat head.json", std::move(more), environment);
  }

  Ended CompareCommand(const std::string& head, std::vector<std::string> more = {},
                       const Environment& environment = {}) {
    std::vector<std::string> arguments = {"ab",         "--base-cmd", "cat base.json",
                                          "--head-cmd", head,         "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunInferometer(arguments, folder_.path(), environment);
  }

  const TemporaryFolder folder_;
};

TEST_F(Ab, TheSameTwicePassesAndWritesEveryReport) {
  WriteFile(folder_ / "summary.md", "before\n");
  const Ended ended =
      Compare(Canned(),
              {"--json", "v.json", "--pr-comment", "c.md", "--junit", "j.xml", "--bencher",
               "b.json", "--github-action-benchmark", "g.json"},
              {{"GITHUB_ACTIONS", "true"}, {"GITHUB_STEP_SUMMARY", folder_ / "summary.md"}});
  ASSERT_EQ(ended.code, 0) << ended.out << ended.err;
  const json verdict = json::parse(ReadText(folder_ / "v.json"));
  const auto faults = ValidateSchema(verdict, SchemaName::kVerdict);
  EXPECT_TRUE(faults.empty()) << Describe(faults);
  EXPECT_EQ(verdict["method"], "paired");
  EXPECT_EQ(verdict["counts"]["regression"], 0);
  EXPECT_THAT(ReadText(folder_ / "summary.md"), StartsWith("before\n### "));
  EXPECT_THAT(ReadText(folder_ / "c.md"), HasSubstr("The smallest change"));
  EXPECT_THAT(ReadText(folder_ / "j.xml"), HasSubstr("failures=\"0\""));
  EXPECT_TRUE(json::accept(ReadText(folder_ / "b.json")));
  EXPECT_TRUE(json::accept(ReadText(folder_ / "g.json")));
  EXPECT_THAT(ended.err, Not(HasSubstr("::error")));
}

TEST_F(Ab, ASlowerHeadIsARegressionForThePersonAndForGithub) {
  const Ended ended = Compare(CannedBut("decode_rate",
                                        [](json& row) {
                                          for (json& x : row["samples"]) x = x.get<double>() * 0.9;
                                          for (json& x : row["ci95"]) x = x.get<double>() * 0.9;
                                          row["median"] = row["median"].get<double>() * 0.9;
                                        }),
                              {"--confirm", "7", "--markdown", "-"}, {{"GITHUB_ACTIONS", "true"}});
  EXPECT_EQ(ended.code, 1) << ended.out << ended.err;
  EXPECT_THAT(ended.out, StartsWith("### ❌ Performance: 1 regression"));
  EXPECT_THAT(ended.err, HasSubstr("::error title=Performance%3A regression::decode"));
  EXPECT_THAT(ended.err, HasSubstr("-10.0 %25"));
}

TEST_F(Ab, ReadsLlamaBench) {
  const std::string file = INFEROMETER_TEST_DIR "/fixtures/llama-bench/current.json";
  const std::string command = "cat " + file;
  const Ended ended =
      RunInferometer({"ab", "--base-cmd", command, "--head-cmd", command, "--quiet", "--json", "-"},
                     folder_.path());
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json verdict = json::parse(ended.out);
  EXPECT_EQ(verdict["base"]["engine"], "llama.cpp");
  EXPECT_GT(verdict["counts"]["pass"], 0);
}

TEST_F(Ab, ACrashIsSevenAndQuotesWhatWasSaid) {
  const Ended ended = CompareCommand("echo out of memory >&2; kill -SEGV $$");
  EXPECT_EQ(ended.code, 7);
  EXPECT_THAT(ended.err, HasSubstr("head ended by signal 11"));
  EXPECT_THAT(ended.err, HasSubstr("out of memory"));
}

TEST_F(Ab, AFailureIsSevenToo) {
  const Ended ended = CompareCommand("exit 3", {}, {{"GITHUB_ACTIONS", "true"}});
  EXPECT_EQ(ended.code, 7);
  EXPECT_THAT(ended.err, HasSubstr("::error title=Performance%3A not compared::head ended with"));
}

TEST_F(Ab, AHangIsEight) {
  const Ended ended = CompareCommand("sleep 600", {"--arm-time-limit", "0.5"});
  EXPECT_EQ(ended.code, 8);
  EXPECT_THAT(ended.err, HasSubstr("arm_time_limit_s"));
}

TEST_F(Ab, AMissingRowIsNine) {
  json head = Canned();
  head["records"].erase(0);
  const Ended ended = Compare(head, {"--pairs", "1"});
  EXPECT_EQ(ended.code, 9) << ended.out << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("missing"));
}

TEST_F(Ab, EditedJsonIsFive) {
  const Ended ended =
      Compare(CannedBut("decode_rate", [](json& row) { row["median"] = row["samples"][0]; }));
  EXPECT_EQ(ended.code, 5);
  EXPECT_THAT(ended.err, HasSubstr("edited"));
  EXPECT_EQ(CompareCommand("echo '{\"schema_version\": \"1.0\"}'").code, 5);
  EXPECT_EQ(CompareCommand("echo nothing").code, 5);
}

TEST_F(Ab, AnotherModelIsFour) {
  json head = Canned();
  for (json& row : head["records"]) row["model"]["sha256"] = std::string(64, 'f');
  const Ended ended = Compare(head);
  EXPECT_EQ(ended.code, 4) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("weights"));
}

TEST_F(Ab, TooFewPairsAreThreeWhereThePolicySaysSo) {
  EXPECT_EQ(Compare(Canned(), {"--pairs", "2"}).code, 0);
  const Ended ended = Compare(Canned(), {"--pairs", "2", "--inconclusive", "fail"});
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.out, HasSubstr("6 are the least"));
}

TEST_F(Ab, AChangedOutputIsARegressionInOnePair) {
  json base = Canned(), head = Canned();
  for (json& row : base["records"]) row["params"]["generated_sha256"] = std::string(64, '1');
  for (json& row : head["records"]) row["params"]["generated_sha256"] = std::string(64, '2');
  WriteFile(folder_ / "base.json", base.dump());
  const Ended ended = Compare(head, {"--pairs", "1"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("other tokens"));
}

TEST_F(Ab, SaysWhatIsWrongWithItsArguments) {
  const std::pair<std::vector<std::string>, const char*> kWrong[] = {
      {{"ab", "--base-cmd", "true"}, "--head PROGRAM or --head-cmd"},
      {{"ab", "--base", "none", "--head", "none"}, "there is no program 'none'"},
      {{"ab", "--base-cmd", "true", "--head-cmd", "true", "--preset", "quick"}, "--preset is for"},
      {{"ab", "--base-cmd", "true", "--head-cmd", "true", "--threads", "x"}, "--threads"},
      {{"ab", "--base-cmd", "true", "--head-cmd", "true", "--json", "a", "--junit", "a"},
       "both name 'a'"},
  };
  for (const auto& [arguments, what] : kWrong) {
    const Ended ended = RunInferometer(arguments, folder_.path());
    EXPECT_EQ(ended.code, 2) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(what));
  }
}

TEST_F(Ab, CalibrationGivesAPolicyThatAbReads) {
  const Ended ended = RunInferometer(
      {"calibrate", "--cmd", "cat base.json", "--pairs", "6", "-o", "policy.json", "--quiet"},
      folder_.path());
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json policy = json::parse(ReadText(folder_ / "policy.json"));
  EXPECT_TRUE(ValidateSchema(policy, SchemaName::kPolicy).empty());
  EXPECT_FALSE(policy["calibration"]["noise"].empty());
  EXPECT_THAT(ended.out, HasSubstr("seen from"));
  EXPECT_EQ(Compare(Canned(), {"--policy", "policy.json"}).code, 0);
}

}  // namespace
}  // namespace inferometer
