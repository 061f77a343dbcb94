// What validation asks a person to look at, and that no kind of finding is without a test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/base/file.h"
#include "results/submit/validate.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json SoundDocument(const MadeOptions& options = {}) {
  return json::parse(Publish(ToJson(MadeResult(options)), TestKey()).text);
}

std::vector<Finding> Judge(const json& document) {
  const Published published = Resign(document, TestKey());
  return Validate(
      {.name = published.name, .text = published.text, .signature = published.signature}, {});
}

TEST(Review, ABandwidthAboveWhatTheMakerNamesMayBeFasterModules) {
  json document = SoundDocument({.speed = 2.5});  // 150 GB/s
  document["device"]["cpu"]["name"] = "AMD Ryzen 9 9950X 16-Core Processor";
  const std::vector<Finding> findings = Judge(document);
  EXPECT_THAT(IdsOf(findings), ElementsAre("roof_above_memory")) << Describe(findings);
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kOk);
}

TEST(Review, AModelThatIsNotInTheCatalogueIsNamedByItsHash) {
  Result result = MadeResult();
  for (Record& record : result.records) {
    record.model->sha256 = std::string(64, 'c');
    record.model->name = "my own";
  }
  const json document = json::parse(Publish(ToJson(result), TestKey()).text);
  EXPECT_EQ(document["records"][0]["model"]["name"], "gguf-cccccccccccc");
  const std::vector<Finding> findings = Judge(document);
  EXPECT_THAT(IdsOf(findings), Contains("model_unknown")) << Describe(findings);
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kOk) << Describe(findings);
}

TEST(Review, RatesWithoutRoofsAreHeldAgainstNothing) {
  json document = SoundDocument();
  document["ceilings"] = json::array();
  for (json& row : document["records"]) {
    row["roofline"] = nullptr;
    row["absent"]["roofline"] = "no roof was measured";
  }
  const std::vector<Finding> findings = Judge(document);
  EXPECT_THAT(IdsOf(findings), ElementsAre("no_roofs", "device_unknown")) << Describe(findings);
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kOk);
}

TEST(Review, AResultWithoutARateIsRefused) {
  json document = SoundDocument();
  json& rows = document["records"];
  for (std::size_t i = rows.size(); i-- > 0;) {
    if (rows[i]["unit"] == "tok/s") rows.erase(i);
  }
  const std::vector<Finding> findings = Judge(document);
  EXPECT_THAT(IdsOf(findings), Contains("nothing_measured")) << Describe(findings);
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kInvalidInput);
}

TEST(Findings, EachKindIsCaughtBySomeTest) {
  std::string tests;
  for (const auto& file :
       std::filesystem::directory_iterator(INFEROMETER_TEST_DIR "/results/submit")) {
    if (file.path().string().ends_with("_test.cc")) tests += ReadText(file.path().string());
  }
  tests += ReadText(INFEROMETER_TEST_DIR "/fixtures/results/hostile.json");
  for (const FindingKind& kind : FindingKinds()) {
    EXPECT_THAT(tests, HasSubstr('"' + std::string(kind.id) + '"'));
  }
}

}  // namespace
}  // namespace inferometer
