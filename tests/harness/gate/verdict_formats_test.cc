// Verdicts as text: limits of those who read them, escaping, schema.
#include "harness/gate/verdict_formats.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "harness/gate/stored.h"
#include "results/validate_schema.h"
#include "tests/harness/gate/made_up.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Findings Slow() { return CompareStored(MadeUpRun(), MadeUpRun(1.25), {}); }

// `n` regressions, each a little worse than the one before, with a hostile name.
Findings Many(std::size_t n) {
  Findings findings = Slow();
  const Finding sample = findings.rows.front();
  findings.rows.clear();
  for (std::size_t i = 0; i < n; ++i) {
    findings.rows.push_back(sample);
    findings.rows.back().label = "row | <b>" + std::to_string(i) + "</b>\n::error::";
    findings.rows.back().worse = static_cast<double>(i);
  }
  SortFindings(findings);
  return findings;
}

std::size_t Occurrences(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size()) ++n;
  return n;
}

TEST(Verdict, JsonFollowsItsSchema) {
  for (const Findings& findings :
       {Slow(), CompareStored(MadeUpRun(), MadeUpRun(), {}), Findings(), Many(3)}) {
    const json document = json::parse(VerdictJson(findings, {}));
    const auto faults = ValidateSchema(document, SchemaName::kVerdict);
    EXPECT_TRUE(faults.empty()) << Describe(faults);
  }
  const json document = json::parse(VerdictJson(Slow(), {}));
  EXPECT_EQ(document["exit_code"], 1);
  EXPECT_EQ(document["counts"]["regression"], 4);
  EXPECT_EQ(document["findings"][0]["verdict"], "regression");
}

TEST(Verdict, MarkdownStartsWithRegressionsAndEndsWithWhatCouldBeSeen) {
  Result head = MadeUpRun();
  RowOf(head, "ttft") = MadeUpRow("prefill", "ttft", Quiet(0.9));
  const std::string text = VerdictMarkdown(CompareStored(MadeUpRun(), head, {}), {});
  EXPECT_THAT(text, StartsWith("### ❌ Performance: 1 regression"));
  EXPECT_LT(text.find("ttft"), text.find("<details>"));
  EXPECT_GT(text.find("decode\\_rate"), text.find("<details>"));
  const std::string last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  EXPECT_THAT(last, StartsWith("The smallest change this run could have seen:"));
}

TEST(Verdict, MarkdownIsCutToWhatGithubTakes) {
  const Findings many = Many(20'000);
  for (const auto& [text, most] : {std::pair{VerdictMarkdown(many, {}), std::size_t{1} << 20},
                                   std::pair{VerdictComment(many, {}), std::size_t{65'536}}}) {
    EXPECT_LT(text.size(), most);
    EXPECT_GT(text.size(), most / 2);
    EXPECT_THAT(text, HasSubstr("left out here"));
    EXPECT_THAT(text, HasSubstr("The smallest change"));
    EXPECT_THAT(text, Not(HasSubstr("<b>")));
  }
}

TEST(Verdict, AnnotationsAreTenOfAKindWorstFirst) {
  const std::string text = VerdictAnnotations(Many(50), {});
  EXPECT_EQ(Occurrences(text, "\n"), kMostAnnotations);
  EXPECT_THAT(text, StartsWith("::error title=Performance%3A regression::row | <b>49</b>%0A"));
  EXPECT_THAT(text, HasSubstr("and 41 more rows"));
}

TEST(Verdict, AnnotationsWarnOfWhatIsInconclusive) {
  Findings findings = Slow();
  Contaminate(findings, "the machine moved by 5 %");
  EXPECT_EQ(VerdictAnnotations(findings, {}),
            "::warning title=Performance%3A inconclusive::the machine moved by 5 %25\n");
}

TEST(Verdict, JunitCountsWhatItHolds) {
  Findings findings = Many(3);
  findings.rows[1].verdict = Verdict::kInconclusive;
  findings.rows[2].verdict = Verdict::kPass;
  const std::string text = VerdictJunit(findings, {});
  EXPECT_THAT(text, HasSubstr("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""));
  EXPECT_EQ(Occurrences(text, "<testcase"), 3u);
  EXPECT_EQ(Occurrences(text, "<failure type=\"regression\""), 1u);
  EXPECT_EQ(Occurrences(text, "<skipped"), 1u);
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
}

TEST(Verdict, BencherHasAValueInsideItsBounds) {
  const json document = json::parse(VerdictBencher(Slow(), {}));
  ASSERT_FALSE(document.empty());
  for (const json& benchmark : document) {
    for (const json& measure : benchmark) {
      EXPECT_LE(measure["lower_value"], measure["value"]);
      EXPECT_GE(measure["upper_value"], measure["value"]);
    }
  }
}

TEST(Verdict, ActionBenchmarkTurnsRatesIntoTimes) {
  const json document = json::parse(VerdictActionBenchmark(Slow(), {}));
  ASSERT_EQ(document.size(), 4u);
  const auto decode = std::find_if(document.begin(), document.end(), [](const json& row) {
    return row["extra"] == "decode_rate: regression";
  });
  ASSERT_NE(decode, document.end());
  EXPECT_EQ((*decode)["unit"], "s/tok");
  EXPECT_NEAR((*decode)["value"].get<double>(), 1.25 / 40, 1e-4);
}

TEST(Verdict, ConsoleNamesTheWorst) {
  const std::string text = VerdictConsole(Slow(), {});
  EXPECT_THAT(text, HasSubstr("4 regressions (worst: "));
  EXPECT_THAT(text, HasSubstr("Unpaired"));
}

}  // namespace
}  // namespace inferometer
