// `gate`, `compare` and `history` on files.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "harness/base/file.h"
#include "tests/harness/cli/canned.h"
#include "tests/harness/cli/program.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Gate : public ::testing::Test {
 protected:
  Gate() {
    WriteFile(folder_ / "base.json", Canned().dump());
    WriteFile(folder_ / "same.json", Canned().dump());
    WriteFile(folder_ / "slow.json", Canned(0.5).dump());
  }
  Ended Run(const std::vector<std::string>& arguments) {
    return RunInferometer(arguments, folder_.path());
  }
  const TemporaryFolder folder_;
};

TEST_F(Gate, ItsSelfTestAnswersBothWays) {
  const Ended ended = Run({"gate", "--self-test"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("0 % worse gave exit code 0"));
  EXPECT_THAT(ended.out, HasSubstr("worse gave exit code 1"));
}

TEST_F(Gate, ExitCodes) {
  EXPECT_EQ(Run({"gate", "base.json", "same.json"}).code, 0);
  EXPECT_EQ(Run({"gate", "base.json", "slow.json"}).code, 1);  // rates halved
  EXPECT_EQ(Run({"gate", "base.json"}).code, 2);
  EXPECT_EQ(Run({"gate", "base.json", "none.json"}).code, 5);
  EXPECT_EQ(Run({"gate", "base.json", "same.json", "--inconclusive", "fail"}).code, 3);
  json other = Canned();
  other["device"]["cpu"]["name"] = "Another CPU";
  WriteFile(folder_ / "other.json", other.dump());
  const Ended incomparable = Run({"gate", "base.json", "other.json"});
  EXPECT_EQ(incomparable.code, 4);
  EXPECT_THAT(incomparable.out, HasSubstr("processors differ"));
  json less = Canned();
  less["records"].erase(0);
  WriteFile(folder_ / "less.json", less.dump());
  EXPECT_EQ(Run({"gate", "base.json", "less.json"}).code, 9);
  WriteFile(folder_ / "edited.json",
            CannedBut("ttft", [](json& row) { row["median"] = row["samples"][0]; }).dump());
  EXPECT_EQ(Run({"gate", "base.json", "edited.json"}).code, 5);
}

TEST_F(Gate, ReportsGoWhereTheyAreSent) {
  const Ended ended = Run({"gate", "base.json", "slow.json", "--junit", "j.xml", "--json", "-"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(json::parse(ended.out)["method"], "unpaired");
  EXPECT_THAT(ended.err, HasSubstr("Unpaired"));
  EXPECT_THAT(ReadText(folder_ / "j.xml"), HasSubstr("type=\"regression\""));
}

TEST_F(Gate, APolicyDecides) {
  WriteFile(folder_ / "lenient.json", R"({"schema": "urn:inferometer:schema:policy:1.0",
      "schema_version": "1.0", "kind": "policy",
      "thresholds": [{"metric": "*", "threshold": 2}]})");
  EXPECT_EQ(Run({"gate", "base.json", "slow.json", "--policy", "lenient.json"}).code, 0);
  WriteFile(folder_ / "broken.json", "{}");
  EXPECT_EQ(Run({"gate", "base.json", "slow.json", "--policy", "broken.json"}).code, 5);
}

TEST_F(Gate, CompareShowsRatios) {
  const Ended ended = Run({"compare", "base.json", "same.json", "slow.json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("x0.500"));
  EXPECT_THAT(ended.out, HasSubstr("tied"));
  EXPECT_TRUE(json::accept(Run({"compare", "base.json", "slow.json", "--json", "-"}).out));
  EXPECT_THAT(Run({"compare", "base.json", "slow.json", "--markdown", "-"}).out,
              StartsWith("| row |"));
  EXPECT_EQ(Run({"compare", "base.json"}).code, 2);
}

TEST_F(Gate, HistoryNamesTheCommit) {
  for (int i = 0; i < 24; ++i) {
    const double wobble = 1 + 0.002 * (i * 7 % 5 - 2);
    WriteFile(folder_ / "r.json", Canned((i < 16 ? 1 : 0.9) * wobble).dump());
    ASSERT_EQ(Run({"history", "append", "--store", "h.ndjson", "r.json", "--commit",
                   "c" + std::to_string(i)})
                  .code,
              0);
  }
  const Ended found = Run({"history", "analyze", "--store", "h.ndjson", "--fail"});
  EXPECT_EQ(found.code, 1) << found.out << found.err;
  EXPECT_THAT(found.out, HasSubstr("worse  decode"));
  EXPECT_THAT(found.out, HasSubstr("since c16"));
  const Ended as_json = Run({"history", "analyze", "--store", "h.ndjson", "--json", "-"});
  EXPECT_EQ(as_json.code, 0);
  EXPECT_EQ(json::parse(as_json.out)["changes"][0]["before"], "c15");
  EXPECT_EQ(Run({"history", "analyze", "--store", "none"}).code, 5);
  EXPECT_EQ(Run({"history", "append", "--store", "h.ndjson", "none.json"}).code, 5);
}

}  // namespace
}  // namespace inferometer
