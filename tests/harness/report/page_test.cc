// A result in the dashboard's device page: whole, and unable to become markup.
#include "harness/report/page.h"

#include <gtest/gtest.h>

#include "harness/report/report.h"
#include "results/result_file.h"
#include "tests/results/fixtures.h"

namespace inferometer {
namespace {

constexpr std::string_view kPage =
    "<script type=\"application/json\" id=\"result\">{{json}}</script>\n";

// What stands in the element of the result.
std::string Inside(const std::string& page) {
  const std::size_t begin = page.find('>') + 1;
  return page.substr(begin, page.rfind("</script>") - begin);
}

TEST(Page, HoldsTheResult) {
  const Result result = ParseResult(SampleText(), "sample.json");
  const std::string page = FindReportFormat("html")->render(result, {.page = kPage});
  EXPECT_EQ(nlohmann::json::parse(Inside(page)),
            nlohmann::json::parse(FindReportFormat("json")->render(result, {})));
}

TEST(Page, ResultsCannotEndTheirElement) {
  Result result = ParseResult(SampleText(), "sample.json");
  const std::string evil = "</script><script>alert(1)</script><!--<script>{{json}}";
  result.device["cpu"]["name"] = evil;
  for (Record& record : result.records) record.device = evil;
  const std::string page = FindReportFormat("html")->render(result, {.page = kPage});
  const std::string inside = Inside(page);
  EXPECT_EQ(inside.find('<'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(inside)["device"]["cpu"]["name"], evil);
}

TEST(Page, IsKnownByItsOnePlace) {
  EXPECT_TRUE(IsPage(kPage));
  EXPECT_FALSE(IsPage(""));
  EXPECT_FALSE(IsPage("<p>another page</p>"));
  EXPECT_FALSE(IsPage("{{json}} {{json}}"));
}

TEST(Page, BuiltOneIsOneOrNone) {
  if (BuiltPage().empty()) GTEST_SKIP() << "built without Node, so there is no device page";
  EXPECT_TRUE(IsPage(BuiltPage()));
  EXPECT_NE(BuiltPage().find("Content-Security-Policy"), std::string_view::npos);
}

}  // namespace
}  // namespace inferometer
