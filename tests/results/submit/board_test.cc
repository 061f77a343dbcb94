// Tiers of trust, flags, export and the leaderboard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>

#include "harness/base/error.h"
#include "results/submit/export.h"
#include "results/submit/leaderboard.h"
#include "results/submit/publish.h"
#include "tests/generated_section.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::set<std::string> kNobody;

TEST(Tiers, CountKeysThatAgree) {
  const auto claims = [](std::initializer_list<std::pair<const char*, double>> list) {
    std::vector<Claim> out;
    for (const auto& [key, median] : list) out.push_back({.public_key = key, .median = median});
    return out;
  };
  EXPECT_EQ(TierOf(100, claims({{"a", 100}}), kNobody), TrustTier::kSelfReported);
  EXPECT_EQ(TierOf(100, claims({{"a", 100}, {"a", 101}, {"a", 102}}), kNobody),
            TrustTier::kSelfReported);
  EXPECT_EQ(TierOf(100, claims({{"a", 100}, {"b", 109}, {"c", 92}}), kNobody),
            TrustTier::kCorroborated);
  EXPECT_EQ(TierOf(100, claims({{"a", 100}, {"b", 111}, {"c", 92}}), kNobody),
            TrustTier::kSelfReported);
  EXPECT_EQ(TierOf(100, claims({{"a", 100}, {"m", 105}}), {"m"}), TrustTier::kReproduced);
  EXPECT_EQ(TierOf(100, claims({{"a", 100}, {"m", 150}}), {"m"}), TrustTier::kSelfReported);
  std::vector<Claim> flagged = claims({{"a", 100}, {"b", 100}, {"c", 100}});
  flagged[2].counts = false;
  EXPECT_EQ(TierOf(100, flagged, kNobody), TrustTier::kSelfReported);
}

Result PublishedBy(const char* key, std::uint64_t seed, double speed) {
  Result result = MadeResult({.seed = seed, .speed = speed});
  result.run["publisher"] = {{"public_key", key}};
  return result;
}

std::vector<json> Rows(std::initializer_list<std::tuple<const char*, std::uint64_t, double>> of,
                       const std::vector<Flag>& flags = {}) {
  std::vector<json> rows;
  for (const auto& [key, seed, speed] : of) {
    for (json& row : RowsOf("r" + std::to_string(seed) + ".json", PublishedBy(key, seed, speed),
                            flags, {"maintainer"})) {
      rows.push_back(std::move(row));
    }
  }
  PutTiers(rows);
  return rows;
}

const Standing& DecodeOf(const std::vector<Standing>& standings) {
  const auto found = std::find_if(standings.begin(), standings.end(), [](const Standing& s) {
    return s.metric == "decode_rate" && s.point == "decode depth=0 kv=f16 tokens=32";
  });
  EXPECT_NE(found, standings.end());
  return *found;
}

// Two kernel sets of one processor are two lines, not one with the median of both.
TEST(Leaderboard, KernelSetsStandApart) {
  std::vector<json> rows = Rows({{"a", 1, 1.0}, {"b", 2, 2.0}});
  for (json& row : rows) {
    if (row["public_key"] == "b") row["device"] = "cpu:other";
  }
  const std::vector<Standing> standings = Standings(rows);
  const Standing& first = DecodeOf(standings);
  EXPECT_EQ(first.device, "cpu:other");
  EXPECT_EQ(first.keys, 1u);
}

TEST(Leaderboard, OneKeyIsOneVoice) {
  const double alone = DecodeOf(Standings(Rows({{"a", 1, 1.0}}))).value;
  // Nine results of one key do not outvote two others.
  const std::vector<Standing> standings =
      Standings(Rows({{"a", 1, 1.0}, {"b", 2, 1.0}, {"c", 3, 2.0}, {"c", 4, 2.0}, {"c", 5, 2.0}}));
  const Standing& decode = DecodeOf(standings);
  EXPECT_NEAR(decode.value, alone, 0.01 * alone);
  EXPECT_EQ(decode.results, 5u);
  EXPECT_EQ(decode.keys, 3u);
  EXPECT_EQ(decode.tier, TrustTier::kSelfReported);
  EXPECT_EQ(DecodeOf(Standings(Rows({{"a", 1, 1.0}, {"b", 2, 1.0}, {"c", 3, 1.0}}))).tier,
            TrustTier::kCorroborated);
  EXPECT_EQ(DecodeOf(Standings(Rows({{"a", 1, 1.0}, {"maintainer", 2, 1.0}}))).tier,
            TrustTier::kReproduced);
}

TEST(Leaderboard, AFlagTakesOutOfRanksAndDeletesNothing) {
  const std::vector<Flag> flags = {
      {.file = "r2.json", .error = true, .reason = "cooled with nitrogen"},
      {.file = "r1.json", .error = false, .reason = "on a desk"}};
  const std::vector<json> rows = Rows({{"a", 1, 1.0}, {"b", 2, 3.0}}, flags);
  EXPECT_EQ(DecodeOf(Standings(rows)).results, 1u);
  EXPECT_EQ(rows.size(), 2 * MadeResult().records.size());
  EXPECT_EQ(rows.front()["flag"], "note");
  EXPECT_EQ(rows.back()["flag"], "error");
  EXPECT_EQ(rows.back()["flag_reason"], "cooled with nitrogen");
}

TEST(Leaderboard, RanksByDirectionAndSharesTies) {
  std::vector<json> rows = Rows({{"a", 1, 1.0}});
  const auto add = [&](const char* hardware, const char* metric, const char* better,
                       double median) {
    json row = rows.front();
    row["hardware"] = hardware;
    row["metric"] = metric;
    row["better"] = better;
    row["median"] = median;
    row["point"] = "p";
    rows.push_back(row);
  };
  rows.resize(1);
  rows.front()["point"] = "other";
  for (const auto& [name, value] :
       std::map<std::string, double>{{"x", 3}, {"y", 7}, {"z", 7}, {"w", 1}}) {
    add(name.c_str(), "decode_rate", "higher", value);
    add(name.c_str(), "ttft", "lower", value);
  }
  std::map<std::string, std::size_t> rates, times;
  for (const Standing& s : Standings(rows)) {
    if (s.point == "p") (s.metric == "ttft" ? times : rates)[s.hardware] = s.rank;
  }
  EXPECT_EQ(rates, (std::map<std::string, std::size_t>{{"y", 1}, {"z", 1}, {"x", 3}, {"w", 4}}));
  EXPECT_EQ(times, (std::map<std::string, std::size_t>{{"w", 1}, {"x", 2}, {"y", 3}, {"z", 3}}));
}

TEST(Export, SurvivesNdjson) {
  const std::vector<json> rows = Rows({{"a", 1, 1.0}, {"b", 2, 1.1}});
  std::string text;
  for (const json& row : rows) text += NdjsonLine(row) + "\n";
  EXPECT_EQ(ParseNdjson(text, "t"), rows);
  EXPECT_EQ(StandingsCsv(Standings(ParseNdjson(text, "t"))), StandingsCsv(Standings(rows)));
  EXPECT_THROW(ParseNdjson("{}\n", "t"), Error);
  EXPECT_THROW(ParseNdjson("[1]\n", "t"), Error);
}

TEST(Export, QuotesCsv) {
  json row = Rows({{"a", 1, 1.0}}).front();
  row["hardware"] = "Say \"fast\", twice\nhere";
  const std::string line = CsvLine(row);
  EXPECT_THAT(line, HasSubstr("\"Say \"\"fast\"\", twice\nhere\""));
  const std::string header = CsvHeader();
  EXPECT_EQ(std::count(header.begin(), header.end(), ',') + 1,
            static_cast<std::ptrdiff_t>(ExportColumns().size()));
}

TEST(Export, ReadsAFolderOfPublishedResults) {
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / ("inferometer-board-" + std::to_string(::getpid()));
  const Published published = Publish(ToJson(MadeResult()), TestKey());
  PlaceSubmission(folder.string(), published.name, published.text, published.signature);
  EXPECT_THROW(
      PlaceSubmission(folder.string(), published.name, published.text, published.signature), Error);
  const std::vector<json> rows = ExportRows(folder.string(), {}, {});
  EXPECT_EQ(rows.size(), MadeResult().records.size());
  EXPECT_EQ(rows.front()["file"], published.name);
  EXPECT_EQ(rows.front()["public_key"], TestKey().PublicKey());
  std::ofstream(folder / "broken.json") << "{";
  EXPECT_THROW(ExportRows(folder.string(), {}, {}), Error);
  fs::remove_all(folder);
}

TEST(Export, ReadmeIsNotStale) { ExpectSection("results/README.md", "columns", ColumnsMarkdown()); }

}  // namespace
}  // namespace inferometer
