// Texts that are made to break readers: each is refused with its id, quickly and without a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "harness/base/file.h"
#include "results/submit/publish.h"
#include "results/submit/validate.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;

std::vector<std::string> Ids(const std::string& text) {
  const std::vector<Finding> findings = Validate(
      {.name = "2026/05/0123456789abcdef.json", .text = text, .signature = "nonsense"}, {});
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kInvalidInput);
  return IdsOf(findings);
}

std::string SoundText() { return Publish(ToJson(MadeResult()), TestKey()).text; }

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

// The bytes of a text in which a character is a byte.
std::string BytesOf(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    bytes += static_cast<char>(byte < 0x80 ? byte : (byte << 6 | (text[++i] & 0x3f)) & 0xff);
  }
  return bytes;
}

// The page of the dashboard and Python are held to the same texts.
TEST(Hostile, EveryTextOfTheSharedCorpusIsRefusedByItsId) {
  const json corpus =
      json::parse(ReadText(INFEROMETER_TEST_DIR "/fixtures/results/hostile.json"))["texts"];
  ASSERT_GT(corpus.size(), 60u);
  for (const json& entry : corpus) {
    std::string bytes;
    for (const json& part : entry["text"]) {
      const std::string unit = BytesOf(part.is_string() ? part : part["repeat"]);
      for (int left = part.is_string() ? 1 : part["times"].get<int>(); left > 0; --left) {
        bytes += unit;
      }
    }
    EXPECT_THAT(Ids(bytes), ElementsAre(entry["finding"].get<std::string>())) << entry["what"];
  }
}

TEST(Hostile, HasNumbersThatAreNone) {
  for (const char* number : {"NaN", "Infinity", "-Infinity", "nan", "0x10", ".5", "+1", "1."}) {
    EXPECT_THAT(
        Ids(Replaced(SoundText(), "\"duration_s\":300.0", std::string("\"duration_s\":") + number)),
        ElementsAre("not_json"))
        << number;
  }
  for (const char* number : {"1e999", "-1e999", "1e99999999999999999999"}) {
    EXPECT_THAT(
        Ids(Replaced(SoundText(), "\"duration_s\":300.0", std::string("\"duration_s\":") + number)),
        ElementsAre("number_range"))
        << number;
  }
  // Within a double, and beyond what the schema or an integer takes.
  EXPECT_THAT(Ids(Replaced(SoundText(), "\"seed\":1", "\"seed\":99999999999999999999")),
              Contains("schema"));
  EXPECT_THAT(Ids(Replaced(SoundText(), "\"seed\":1", "\"seed\":-1")), Contains("schema"));
  EXPECT_THAT(Ids(Replaced(SoundText(), "\"duration_s\":300.0", "\"duration_s\":1e-308")),
              Contains("duration"));
}

TEST(Hostile, HasExtremeSamples) {
  for (const double sample : {1e308, -1e308, 5e-324, 0.0, -1.0}) {
    json document = json::parse(SoundText());
    for (json& row : document["records"]) {
      for (json& value : row["samples"]) value = sample;
    }
    for (json& roof : document["ceilings"]) {
      for (json& value : roof["samples"]) value = sample;
    }
    EXPECT_THAT(Ids(PublicationText(document)), Contains("aggregate")) << sample;
  }
}

TEST(Hostile, IsNoUtf8) {
  for (const char* bytes : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80", "\xc3"}) {
    EXPECT_THAT(Ids(Replaced(SoundText(), "Made-up", std::string("Made") + bytes)),
                ElementsAre("not_utf8"));
  }
  EXPECT_THAT(Ids("\xEF\xBB\xBF" + SoundText()), ElementsAre("not_utf8"));
}

TEST(Hostile, HasAKeyTwice) {
  EXPECT_THAT(Ids(Replaced(SoundText(), "\"seed\":1", "\"seed\":1,\"seed\":1")),
              ElementsAre("duplicate_key"));
  EXPECT_THAT(Ids(Replaced(SoundText(), "\"seed\":1", "\"seed\":1,\"se\\u0065d\":2")),
              ElementsAre("duplicate_key"));
}

TEST(Hostile, IsNestedDeeply) {
  for (const std::size_t depth : {17u, 100000u, 2000000u}) {
    EXPECT_THAT(Ids(std::string(depth, '[')), ElementsAre("too_deep")) << depth;
  }
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_THAT(Ids(objects), ElementsAre("too_deep"));
}

TEST(Hostile, IsLarge) {
  EXPECT_THAT(Ids(std::string(std::size_t{50} << 20, ' ')), ElementsAre("too_large"));
  // Just below the limit: one long text, many keys, many numbers.
  const std::string fill(std::size_t{4} << 20 >> 1, 'a');
  EXPECT_THAT(Ids(Replaced(SoundText(), "Made-up", fill)), Contains("schema"));
  EXPECT_THAT(Ids("{\"" + fill + "\":1}"), Contains("schema"));
  std::string keys = "{";
  for (int i = 0; keys.size() < (std::size_t{3} << 20); ++i) {
    keys += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  }
  EXPECT_THAT(Ids(keys + "}"), Contains("schema"));
  std::string numbers = "1";
  while (numbers.size() < (std::size_t{3} << 20)) numbers += ",1";
  EXPECT_THAT(Ids(Replaced(SoundText(), "\"samples\":[", "\"samples\":[" + numbers + ",")),
              Contains("schema"));
}

TEST(Hostile, HasOtherTypesEverywhere) {
  const json sound = json::parse(SoundText());
  std::vector<json::json_pointer> places;
  const std::function<void(const json&, const json::json_pointer&)> walk =
      [&](const json& value, const json::json_pointer& at) {
        places.push_back(at);
        if (value.is_object()) {
          for (const auto& [key, child] : value.items()) walk(child, at / key);
        } else if (value.is_array() && !value.empty()) {
          walk(value[0], at / std::size_t{0});
        }
      };
  walk(sound, json::json_pointer());
  ASSERT_GT(places.size(), 100u);
  const json kOthers[] = {json(),
                          json(true),
                          json(-1),
                          json("x"),
                          json::array({json::array()}),
                          json::object({{"x", json::object()}})};
  std::size_t turn = 0;
  for (const json::json_pointer& place : places) {
    for (int i = 0; i < 2; ++i) {
      json document = sound;
      document[place] = kOthers[turn++ % std::size(kOthers)];
      const std::string text = PublicationText(document);
      Validate({.name = {}, .text = text, .signature = {}}, {});  // must come back
    }
  }
}

TEST(Hostile, TruncatedAnywhere) {
  const std::string text = SoundText();
  for (std::size_t size = 0; size + 3 < text.size(); size += 997) {
    EXPECT_THAT(Ids(text.substr(0, size)), ElementsAre("not_json")) << size;
  }
}

}  // namespace
}  // namespace inferometer
