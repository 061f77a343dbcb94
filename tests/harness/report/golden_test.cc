// Every report format over the shared sample result, held against golden files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "harness/report/escape.h"
#include "harness/report/report.h"
#include "results/result_file.h"
#include "results/validate_schema.h"
#include "tests/results/fixtures.h"

namespace inferometer {
namespace {

Result Sample() { return ParseResult(SampleText(), "sample.json"); }

std::string Render(const char* name, const Result& result, bool color = false) {
  return FindReportFormat(name)->render(result, {.color = color});
}

// Equal to the golden file, which INFEROMETER_UPDATE_GOLDEN=1 writes instead.
void ExpectGolden(const std::string& file, const std::string& text) {
  const std::string path = std::string(INFEROMETER_TEST_DIR) + "/harness/report/golden/" + file;
  if (std::getenv("INFEROMETER_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, ReadText(path)) << file << ": INFEROMETER_UPDATE_GOLDEN=1 rewrites it";
}

TEST(Golden, EveryFormat) {
  const Result result = Sample();
  for (const ReportFormat& format : ReportFormats()) {
    const std::string text = format.render(result, {});
    EXPECT_EQ(text.back(), '\n') << format.name;
    ExpectGolden("sample." + std::string(format.name), text);
  }
  ExpectGolden("sample.console-color", Render("console", result, true));
}

TEST(Golden, JsonValidatesAndReadsBack) {
  const std::string text = Render("json", Sample());
  const auto findings = ValidateSchema(nlohmann::json::parse(text));
  EXPECT_TRUE(findings.empty()) << Describe(findings);
  EXPECT_EQ(Render("json", ParseResult(text, "golden")), text);
}

TEST(Console, FitsEightyColumnsAndColoursOnlyWhenAsked) {
  const std::string text = Render("console", Sample());
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(Render("console", Sample(), true).find("\x1b["), std::string::npos);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    EXPECT_LE(Columns(text.substr(at, end - at)), 80u) << text.substr(at, end - at);
    at = end + 1;
  }
}

TEST(Console, ShowsWhereAStepsTimeGoesAndWhyItIsNotKnown) {
  Result result = Sample();
  Profile profile;
  profile.model = "smollm2-135m", profile.quant = "q8_0";
  profile.backend = "vulkan", profile.device = "vulkan:llvmpipe";
  profile.params = {{"tokens", 1}, {"depth", 2048}};
  profile.step_s = 0.009, profile.host_s = 35e-6;
  profile.parts = {{"rms_norm + 2 matmul q8_0 576x1536 + gated_mul", "lanes.q8_0 8 4 1 1 1 1 0", 30,
                    0.0075, 56e6, 106e6},
                   {"argmax", "argmax 64", 2, 0.0025, 0, 0}};
  result.profiles.push_back(profile);
  profile.parts.clear(), profile.reason = "the device has no timestamps";
  result.profiles.push_back(profile);
  const std::string text = Render("console", result);
  EXPECT_NE(text.find("  75 %   30x  rms_norm"), std::string::npos) << text;
  EXPECT_NE(text.find("32 parts take 10.00 ms one by one, the step 9.000 ms, the host adds 35"),
            std::string::npos);
  EXPECT_NE(text.find("none: the device has no timestamps"), std::string::npos);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    EXPECT_LE(Columns(text.substr(at, end - at)), 80u) << text.substr(at, end - at);
    at = end + 1;
  }
  const std::string json = Render("json", result);
  const auto findings = ValidateSchema(nlohmann::json::parse(json));
  EXPECT_TRUE(findings.empty()) << Describe(findings);
  EXPECT_EQ(Render("json", ParseResult(json, "profiled")), json);
}

// Names and reasons come from files of strangers.
Result Hostile() {
  Result result = Sample();
  const std::string evil =
      "</td><script>alert(1)</script>\x1b[2J\" ' | `x`\n```\nrm -rf ~\n{{json}} &amp;";
  result.device["cpu"]["name"] = evil;
  result.run["id"] = evil;
  for (Record& record : result.records) {
    record.workload = evil;
    record.device = evil;
    record.reason = evil;
    record.model->name = evil;
    record.params["kv"] = evil;
  }
  for (Ceiling& ceiling : result.ceilings) ceiling.device = evil;
  result.warnings = {{.id = "x", .message = evil, .remedy = evil}};
  return result;
}

TEST(Hostile, HtmlHasNoMarkupOfTheirs) {
  const std::string html = Render("html", Hostile());
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  // The only addresses in the page are none: nothing is fetched.
  for (const char* fetch : {"src=", "href=", "url(", "@import", "http:", "https:"}) {
    EXPECT_EQ(Render("html", Sample()).find(fetch), std::string::npos) << fetch;
  }
}

TEST(Hostile, ConsoleHasNoControlCharacters) {
  const std::string text = Render("console", Hostile());
  for (const char c : text) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  }
}

TEST(Hostile, MarkdownStaysInItsCells) {
  const std::string text = Render("markdown", Hostile());
  // Outside the one code block nothing is markup, and the block ends where we end it.
  const std::size_t block = text.find("```sh\n");
  EXPECT_EQ(text.substr(0, block).find("<script"), std::string::npos);
  const std::size_t fence = text.find("```", block + 6);
  EXPECT_EQ(text.find('\n', block + 6) + 1, fence);
  EXPECT_EQ(text.find("```", fence + 3), std::string::npos);
}

TEST(Hostile, CsvIsQuotedAndNoFormula) {
  EXPECT_EQ(Csv("=1+1"), "'=1+1");
  EXPECT_EQ(Csv("@x,y"), "\"'@x,y\"");
  EXPECT_EQ(Csv("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(Csv("plain text"), "plain text");
}

TEST(Escape, BytesThatAreNotTextBecomeQuestionMarks) {
  EXPECT_EQ(Plain("a\x1b[31mb\x07"), "a?[31mb?");
  EXPECT_EQ(Plain("\xc3\xa4 \xff \xc0\x80 \xed\xa0\x80"), "\xc3\xa4 ? ?? ???");
  EXPECT_EQ(Plain("a\xe2\x80\xae"
                  "b"),
            "a?b");
  EXPECT_EQ(Plain("\xc2\x9b"
                  "2J"),
            "?2J");
  EXPECT_EQ(Columns("µs – ✓"), 6u);
  EXPECT_EQ(PadRight("abcdef", 4), "abc…");
  EXPECT_EQ(Wrap("aa bb cc", 5, 2), "aa bb\n  cc");
}

TEST(Empty, AResultWithNothingInItRendersEverywhere) {
  Result result;
  result.tool = result.run = result.device = nlohmann::json::object();
  for (const ReportFormat& format : ReportFormats()) {
    EXPECT_FALSE(format.render(result, {}).empty()) << format.name;
  }
}

TEST(LlamaBench, RatesAndCountsAreThoseOfTheRows) {
  const auto tests = nlohmann::json::parse(Render("llama-bench-json", Sample()));
  ASSERT_EQ(tests.size(), 5u);
  EXPECT_EQ(tests[0]["n_prompt"], 512);
  EXPECT_EQ(tests[0]["n_gen"], 0);
  EXPECT_EQ(tests[2]["n_gen"], 48);
  EXPECT_EQ(tests[2]["n_depth"], 0);
  for (const auto& test : tests) {
    const double rate = test["samples_ts"][0], ns = test["samples_ns"][0];
    const double tokens =
        test["n_prompt"].get<double>() + std::max(0.0, test["n_gen"].get<double>() - 1);
    EXPECT_NEAR(rate * ns * 1e-9, tokens, 1e-5);
  }
}

TEST(GoogleBenchmark, RatesBecomeTimesAndFailuresAreNamed) {
  const auto document = nlohmann::json::parse(Render("google-benchmark-json", Sample()));
  EXPECT_EQ(document["context"]["not_ok"].size(), 5u);
  for (const auto& entry : document["benchmarks"]) {
    EXPECT_GT(entry["real_time"].get<double>(), 0);
    if (entry.contains("decode_rate")) {
      EXPECT_NEAR(entry["real_time"].get<double>() * entry["decode_rate"].get<double>(), 1e9, 1);
    }
  }
}

}  // namespace
}  // namespace inferometer
