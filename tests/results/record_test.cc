// Result files: written, read back, and hostile ones refused with the path.
#include "results/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "harness/base/error.h"
#include "results/json.h"
#include "results/result_file.h"
#include "results/validate_schema.h"
#include "tests/results/fixtures.h"

namespace inferometer {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  try {
    ParseResult(text, "r.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    return error.what();
  }
  return "";
}

std::size_t FirstOk(const json& document) {
  for (std::size_t i = 0; i < document["records"].size(); ++i) {
    if (document["records"][i]["metric"] == "decode_rate" &&
        document["records"][i]["status"] == "ok") {
      return i;
    }
  }
  return 0;
}

std::size_t FirstFailed(const json& document) {
  for (std::size_t i = 0; i < document["records"].size(); ++i) {
    if (document["records"][i]["status"] == "failed") return i;
  }
  return 0;
}

TEST(Record, SurvivesTheWayThereAndBack) {
  const Result result = ParseResult(SampleText(), "sample.json");
  const json once = ToJson(result);
  EXPECT_EQ(ToJson(FromJson(once)), once);
  // All that the sample says is still there; scores are derived.
  json want = SampleJson(), got = once;
  want.erase("scores");
  got.erase("scores");
  EXPECT_EQ(got, want);
  EXPECT_TRUE(ValidateSchema(once).empty()) << Describe(ValidateSchema(once));
}

TEST(Record, NumbersThatAreNoneBecomeAFailedRow) {
  Result result = ParseResult(SampleText(), "sample.json");
  Record record = result.records[FirstOk(SampleJson())];
  record.samples[0] = std::numeric_limits<double>::quiet_NaN();
  Record empty = result.records[FirstOk(SampleJson())];
  empty.samples.clear();
  result.records = {record, empty};
  const json out = ToJson(result);
  for (const json& row : out["records"]) {
    EXPECT_EQ(row["status"], "failed");
    EXPECT_FALSE(row["reason"].get<std::string>().empty());
    EXPECT_TRUE(row["median"].is_null());
    EXPECT_TRUE(row["samples"].empty());
  }
  EXPECT_TRUE(ValidateSchema(out).empty()) << Describe(ValidateSchema(out));
}

TEST(Record, EveryMutationIsRefusedWithItsPath) {
  const json sample = SampleJson();
  const std::string ok = "/records/" + std::to_string(FirstOk(sample));
  const std::string failed = "/records/" + std::to_string(FirstFailed(sample));
  const struct {
    std::string at;
    json value;  // discarded: erase
    std::string path;
  } kMutations[] = {
      {"/records", json(json::value_t::discarded), "records"},
      {"/tool/version", json(json::value_t::discarded), "version"},
      {"/run/complete", "yes", "run.complete"},
      {"/run/started_at", "yesterday", "run.started_at"},
      {"/kind", "leaderboard", "kind"},
      {"/schema_version", "2.0", "schema_version"},
      {"/warnings/0/remedy", "", "warnings[0].remedy"},
      {"/surprise", 1, "surprise"},
      {ok + "/median", "fast", "median"},
      {ok + "/median", nullptr, "median"},
      {ok + "/median", 1e9, "median"},
      {ok + "/samples", json::array(), "samples"},
      {ok + "/samples/0", "1", "samples[0]"},
      {ok + "/ci95", {2.0}, "ci95"},
      {ok + "/ci95", {3.0, 2.0}, "ci95"},
      {ok + "/ci95", nullptr, "ci95"},
      {ok + "/n", 3, "n"},
      {ok + "/n", 1.5, "n"},
      {ok + "/metric", "decode_speed", "metric"},
      {ok + "/unit", "s", "unit"},
      {ok + "/better", "lower", "better"},
      {ok + "/definition", "itl_v1", "definition"},
      {ok + "/status", "great", "status"},
      {ok + "/reason", "but", "reason"},
      {ok + "/threads", -1, "threads"},
      {ok + "/threads", 1e300, "threads"},
      {ok + "/model/bytes", 18446744073709551615u, "bytes"},
      {ok + "/model/sha256", "zz", "sha256"},
      {ok + "/outliers", {900}, "outliers[0]"},
      {ok + "/token_times_s/0", {2.0, 1.0}, "token_times_s[0]"},
      {ok + "/roofline/bound", "luck", "bound"},
      {failed + "/median", 3.0, "median"},
      {failed + "/samples", {3.0}, "samples"},
      {failed + "/reason", nullptr, "reason"},
      {failed + "/n", 0, "n"},
      {failed + "/shape", "flat", "shape"},
      {"/ceilings/0/value", nullptr, "ceilings[0].value"},
      {"/ceilings/0/metric", "speed", "ceilings[0].metric"},
  };
  for (const auto& mutation : kMutations) {
    json document = sample;
    const json::json_pointer at(mutation.at);
    if (mutation.value.is_discarded()) {
      document[at.parent_pointer()].erase(at.back());
    } else {
      document[at] = mutation.value;
    }
    EXPECT_THAT(ErrorOf(document.dump()), HasSubstr(mutation.path))
        << mutation.at << " = " << mutation.value;
    // FromJson alone must hold too, without the schema in front of it: it refuses or it reads.
    try {
      FromJson(document);
    } catch (const Error&) {
    }
  }
}

TEST(Record, FromJsonSurvivesEveryTypeAtEveryPlace) {
  const json sample = SampleJson(), places = sample.flatten();
  const json kValues[] = {nullptr, true, -1, 1e308, "x", json::array(), json::object(), {{"a", 1}}};
  int refused = 0;
  for (const auto& [pointer, unused] : places.items()) {
    if (pointer.find("token_times_s") != std::string::npos) continue;
    if (pointer.find("samples") != std::string::npos && pointer.back() != '0') continue;
    for (const json& value : kValues) {
      json document = sample;
      document[json::json_pointer(pointer)] = value;
      try {
        FromJson(document);
      } catch (const Error& error) {
        ++refused;
        EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
      }
    }
    if (refused > 400) break;  // enough: the rest are more rows of the same kind
  }
  EXPECT_GT(refused, 100);
}

TEST(Json, HostileTextIsRefused) {
  const auto error_of = [](const std::string& text, const JsonLimits& limits = {}) -> std::string {
    try {
      ParseJson(text, "x.json", limits);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of(std::string(100000, '[')), HasSubstr("deeper than 32"));
  EXPECT_THAT(error_of(R"({"a":[{"b":1,"c":2,"b":3}]})"),
              HasSubstr("a[0].b: the key 'b' stands twice"));
  EXPECT_THAT(error_of(R"({"a":1e999})"), HasSubstr("overflow"));
  EXPECT_THAT(error_of("{\"a\":\"\xff\"}"), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of(R"({"a":)"), HasSubstr("x.json"));
  EXPECT_THAT(error_of(""), HasSubstr("cannot be read"));
  EXPECT_THAT(error_of(R"({"a":1} x)"), HasSubstr("cannot be read"));
  EXPECT_THAT(error_of("[1,2,3]", {.size_bytes = 4, .depth = 8}), HasSubstr("at most 4"));
  EXPECT_EQ(error_of(R"({"a":[{"b":1},{"b":2}]})"), "");
}

TEST(Json, ASmallerDocumentIsNoResult) {
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("not a result file"));
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("schema"));
  EXPECT_THAT(ErrorOf("3"), HasSubstr("not a result file"));
}

// Only keywords that mean the same in draft 2020-12 and in what the validator knows.
void CheckKeywords(const json& schema, const std::string& path) {
  static const std::set<std::string> kKnown = {
      "$schema", "$id",       "title",      "description",
      "type",    "required",  "properties", "additionalProperties",
      "$defs",   "$ref",      "enum",       "const",
      "minimum", "minLength", "maxLength",  "pattern",
      "items",   "minItems",  "maxItems",   "uniqueItems",
      "if",      "then",      "else",       "allOf"};
  ASSERT_TRUE(schema.is_object()) << path;
  for (const auto& [key, value] : schema.items()) {
    EXPECT_TRUE(kKnown.contains(key)) << path << "/" << key;
    if (key == "$ref") {
      EXPECT_EQ(schema.size(), 1u) << path << " has keywords beside $ref";
    }
    if (key == "properties" || key == "$defs") {
      for (const auto& [name, child] : value.items()) CheckKeywords(child, path + "/" + name);
    }
    if (key == "items" || key == "if" || key == "then" || key == "else") {
      CheckKeywords(value, path + "/" + key);
    }
    if (key == "additionalProperties" && value.is_object()) CheckKeywords(value, path + "/" + key);
    if (key == "allOf") {
      for (const json& child : value) CheckKeywords(child, path + "/allOf");
    }
  }
}

TEST(Schema, KeepsToTheSharedKeywords) { CheckKeywords(json::parse(SchemaText()), ""); }

}  // namespace
}  // namespace inferometer
