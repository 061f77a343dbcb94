// Results side by side.
#include "harness/gate/side_by_side.h"

#include <gmock/gmock.h>

#include "tests/harness/gate/made_up.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const SideRow& Row(const SideBySide& sides, const std::string& id_part) {
  for (const SideRow& row : sides.rows) {
    if (row.id.find(id_part) != std::string::npos) return row;
  }
  throw std::runtime_error("no row " + id_part);
}

TEST(SideBySide, RatiosAreToTheFirstWithTheirIntervals) {
  const std::vector<Result> results = {MadeUpRun(), MadeUpRun(1.01), MadeUpRun(0.5)};
  const SideBySide sides = PutSideBySide(results, {"a", "b", "c"});
  EXPECT_THAT(sides.differences, IsEmpty());
  ASSERT_THAT(sides.rows, SizeIs(4));
  const SideRow& decode = Row(sides, "decode_rate");
  EXPECT_FALSE(decode.cells[0].ratio.has_value());
  EXPECT_NEAR(*decode.cells[1].ratio, 1 / 1.01, 1e-6);
  EXPECT_TRUE(decode.cells[1].tied);  // within 2 %
  EXPECT_NEAR(*decode.cells[2].ratio, 2, 1e-6);
  EXPECT_LT(decode.cells[2].ratio_interval->low, 2);
  EXPECT_GT(decode.cells[2].ratio_interval->high, 2);
  EXPECT_FALSE(decode.cells[2].tied);
  EXPECT_TRUE(decode.cells[2].best);
  EXPECT_FALSE(decode.cells[0].best);
  EXPECT_TRUE(Row(sides, "ttft").cells[2].best);  // of times the least
}

TEST(SideBySide, TheEnvironmentComesFirst) {
  std::vector<Result> results = {MadeUpRun(), MadeUpRun()};
  results[1].device["cpu"]["name"] = "Other CPU";
  const SideBySide sides = PutSideBySide(results, {"a", "b"});
  EXPECT_THAT(SideBySideConsole(sides), StartsWith("differs: a, b: processors differ: Test CPU"));
  EXPECT_THAT(SideBySideMarkdown(sides), StartsWith("The environment differs"));
}

TEST(SideBySide, RowsMeetAcrossDevicesThatNobodyShares) {
  std::vector<Result> results = {MadeUpRun(), MadeUpRun(2)};
  for (Record& record : results[1].records) record.device = "cpu:other";
  EXPECT_THAT(PutSideBySide(results, {"a", "b"}).rows, SizeIs(4));
}

TEST(SideBySide, AbsentAndFailedRowsSaySo) {
  std::vector<Result> results = {MadeUpRun(), MadeUpRun()};
  results[1].records[0].status = Status::kFailed;
  results[1].records[0].reason = "conformance";
  results[1].records.pop_back();
  const SideBySide sides = PutSideBySide(results, {"a", "b"});
  EXPECT_EQ(Row(sides, "ttft").cells[1].record, nullptr);
  EXPECT_THAT(SideBySideConsole(sides), HasSubstr("failed"));
  EXPECT_EQ(SideBySideJson(sides)["rows"].size(), 4u);
}

}  // namespace
}  // namespace inferometer
