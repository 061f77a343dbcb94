// What leaves the machine: the allow-list, its edges, and the texts that are withheld.
#include "results/submit/publish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "results/result_file.h"
#include "results/submit/personal_data.h"
#include "results/submit/validate.h"
#include "results/validate_schema.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

json MadeJson(const MadeOptions& options = {}) { return ToJson(MadeResult(options)); }

Publication RedactMade(const json& result, std::vector<std::string> words = {}) {
  return Redact(result, {.public_key = TestKey().PublicKey(), .private_words = std::move(words)});
}

bool Has(const std::vector<Field>& fields, const std::string& path) {
  return std::any_of(fields.begin(), fields.end(), [&](const Field& f) { return f.path == path; });
}

TEST(Redact, WhatLeavesIsAResultToo) {
  const json published = RedactMade(MadeJson()).document;
  EXPECT_TRUE(ValidateSchema(published, SchemaName::kPublish).empty())
      << Describe(ValidateSchema(published, SchemaName::kPublish));
  const Result read = ParseResult(PublicationText(published), "published");
  EXPECT_EQ(read.records.size(), MadeResult().records.size());
  EXPECT_EQ(json::parse(PublicationText(published)), published);
}

TEST(Redact, IsDoneOnce) {
  const json once = RedactMade(MadeJson()).document;
  EXPECT_EQ(RedactMade(once).document, once);
}

// Every object of the result gets a member that the schema does not know.
void Plant(json& value) {
  if (value.is_object()) {
    for (auto& [key, member] : value.items()) Plant(member);
    value["unheard_of"] = "Erika Mustermann";
  } else if (value.is_array()) {
    for (json& item : value) Plant(item);
  }
}

TEST(Redact, WhatTheSchemaDoesNotNameStays) {
  json result = MadeJson();
  result["device"]["environment"]["busy_processes"] = json::array({{{"cpu_share", 0.1}}});
  result["device"]["facts"] = json::array({{{"key", "host"}, {"source", "Erika Mustermann"}}});
  Plant(result);
  const Publication publication = RedactMade(result);
  const std::string text = PublicationText(publication.document);
  EXPECT_THAT(text, Not(HasSubstr("Mustermann")));
  EXPECT_THAT(text, Not(HasSubstr("unheard_of")));
  EXPECT_THAT(text, Not(HasSubstr("busy_processes")));
  EXPECT_TRUE(Has(publication.stays, "device.facts"));
  EXPECT_TRUE(Has(publication.stays, "records[].params.unheard_of"));
  EXPECT_TRUE(Has(publication.leaves, "records[].samples[]"));
}

TEST(Redact, CutsTimeKernelAndOrder) {
  const json published = RedactMade(MadeJson()).document;
  EXPECT_EQ(published["run"]["started_at"], "2026-05-04T10:00:00Z");
  EXPECT_EQ(published["device"]["os"]["kernel"], "6.1.0");
  EXPECT_TRUE(published["run"]["order"].is_null());
  EXPECT_EQ(published["run"]["publisher"]["public_key"], TestKey().PublicKey());
}

TEST(Redact, WithholdsTextsThatMayNameSomebody) {
  json result = MadeJson();
  result["warnings"] = json::array({{{"id", "gpu_driver"},
                                     {"message", "driver of erikas-laptop crashed"},
                                     {"remedy", "reinstall"}}});
  result["tool"]["flags"] =
      "-O3 -ffile-prefix-map=/"
      "home/erika/src=.";
  result["device"]["os"]["machine"] = "Erika's desk";
  const Publication publication = RedactMade(result, {"erika", "erikas-laptop"});
  EXPECT_EQ(publication.document["warnings"][0]["message"], "withheld");
  EXPECT_TRUE(publication.document["tool"]["flags"].is_null());
  EXPECT_TRUE(publication.document["device"]["os"]["machine"].is_null());
  EXPECT_TRUE(Has(publication.withheld, "tool.flags"));
  EXPECT_THAT(PublicationText(publication.document), Not(HasSubstr("rika")));
  EXPECT_TRUE(ValidateSchema(publication.document, SchemaName::kPublish).empty());
}

TEST(Redact, NamesAnUnknownModelByItsHash) {
  json result = MadeJson();
  for (json& row : result["records"]) {
    row["model"]["name"] = "erikas-secret-finetune";
    row["model"]["sha256"] = std::string(64, 'c');
  }
  const std::string text = PublicationText(RedactMade(result).document);
  EXPECT_THAT(text, Not(HasSubstr("erika")));
  EXPECT_THAT(text, HasSubstr("gguf-cccccccccccc"));
}

TEST(Redact, KeepsTokenTimesOfACaseOnce) {
  const json result = MadeJson(), published = RedactMade(result).document;
  std::set<std::string> cases;
  for (const json& row : published["records"]) {
    if (!row["token_times_s"].empty()) {
      EXPECT_TRUE(cases.insert(row["token_times_s"].dump()).second);
    }
  }
  EXPECT_EQ(cases.size(), 2u);  // depths 0 and 2048
}

TEST(Redact, DescribesEveryFieldOnce) {
  const Publication publication = RedactMade(MadeJson());
  std::set<std::string> paths;
  for (const auto* fields : {&publication.leaves, &publication.stays}) {
    for (const Field& field : *fields) EXPECT_TRUE(paths.insert(field.path).second) << field.path;
  }
  const std::string text = Describe(publication);
  EXPECT_THAT(text, HasSubstr("Leaves this machine:\n"));
  EXPECT_THAT(text, HasSubstr("  device.cpu.name  \"Made-up CPU 9000\"\n"));
  EXPECT_THAT(text, HasSubstr("Stays on this machine:\n"));
}

TEST(PersonalData, IsSeen) {
  const struct {
    const char* text;
    const char* what;
  } kSeen[] = {{"mail erika@example.org now", "an e-mail address"},
               {"cannot open '/"
                "home/erika/m.gguf'",
                "a path"},
               {"in /"
                "Users/erika/models/m.gguf",
                "a path"},
               {"C:\\Users\\erika", "a path"},
               {"\\\\server\\share", "a path"},
               {"~/models", "a path"},
               {"/var/folders/zz/x", "a path"},
               {"see https://erika.example", "a URL"},
               {"nic 00:1A:2b:3c:4d:5e up", "a MAC address"},
               {"nic 00-1A-2b-3c-4d-5e", "a MAC address"},
               {"at 10.1.2.3 port", "an IP address"},
               {"fe80::1ff:fe23:4567:890a", "an IP address"},
               {"2001:0db8:85a3:0000:0000:8a2e:0370:7334", "an IP address"},
               {"123e4567-e89b-12d3-a456-426614174000", "a UUID"},
               {"imei 490154203237518", "a long number"},
               {"call +49 (170) 123-4567", "a phone number"},
               {"erikas-mac.local", "a host name"},
               {"S/N C02XG0FDH7JY", "a serial number"},
               {"password hunter2", "a secret"}};
  for (const auto& seen : kSeen) EXPECT_EQ(PersonalDataIn(seen.text), seen.what) << seen.text;
  EXPECT_EQ(PersonalDataIn("192.168.1.20", true), "an IP address");
}

TEST(PersonalData, LetsHardwareAndVersionsPass) {
  for (const char* text :
       {"Intel(R) Xeon(R) CPU @ 2.10GHz", "AMD Radeon RX 7900 XTX (RADV NAVI31)",
        "Mesa 23.1.4 (LLVM 15.0.6)", "3602.0 (HSA1.1,LC)", "1x Cortex-X2 + 3x Cortex-A710",
        "2026-05-04T10:00:00Z", "cpu:avx512_vnni", "permission denied: /sys/class/powercap",
        "other programs used 87 % of the processors", "OpenCL 3.0 PoCL HSTR: pthread-x86_64-pc-",
        "-O3 -DNDEBUG -std=gnu++20", "llama-3.2-1b q4_k_m", "tok/s and B/s", "799862912 bytes",
        "sudo tee /sys/kernel/mm/transparent_hugepage/enabled",
        "the interval is wider than +/- 2 %", "NMSE 3.1e-06 is above 0.002", "ops/ns by timeit"}) {
    EXPECT_EQ(PersonalDataIn(text), "") << text;
  }
  EXPECT_EQ(PersonalDataIn("31.0.101.51", true), "");
}

TEST(PersonalData, IsNotReadIntoRandomKeysAndHashes) {
  // Keys that came out so: one with a path in it, one with a phone number.
  for (const char* key : {"RWQa+/b/cdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMN",
                          "RWQa+4917012345678/defghijklmnopqrstuvwxyz0123456789ABCD"}) {
    ASSERT_TRUE(IsPublicKey(key)) << key;
    EXPECT_NE(PersonalDataIn(key), "") << key;
    EXPECT_EQ(PersonalDataOf("public_key", key), "") << key;
    EXPECT_NE(PersonalDataOf("name", key), "") << key;
    const json published =
        Redact(MadeJson(), {.public_key = key, .private_words = {"erika"}}).document;
    EXPECT_EQ(published["run"]["publisher"]["public_key"], key);
    EXPECT_TRUE(FindPersonalData(published).empty()) << key;
  }
  EXPECT_NE(PersonalDataOf("public_key", "+49 170 12345678"), "");
  EXPECT_EQ(PersonalDataIn("gguf-490154203237 is no tier of the suite"), "");
  EXPECT_NE(PersonalDataIn("gguf-4901542032371"), "");
}

TEST(PersonalData, WordsCountWhole) {
  const std::vector<std::string> words = {"erika", "al", ""};
  EXPECT_TRUE(HasWord("Erika's laptop", words));
  EXPECT_TRUE(HasWord("on ERIKA-PC", words));
  EXPECT_FALSE(HasWord("amerikan", words));
  EXPECT_FALSE(HasWord("al dente", words));  // too short to mean somebody
}

// The places of all texts of the schema that are free: no list of values, no fixed form.
void FreeTexts(const json& schema, const json& raw, const json& document,
               const json::json_pointer& at, std::vector<json::json_pointer>& found) {
  const json& node = raw.contains("$ref")
                         ? schema.at(json::json_pointer(raw["$ref"].get<std::string>().substr(1)))
                         : raw;
  if (node.contains("properties")) {
    for (const auto& [name, child] : node["properties"].items()) {
      FreeTexts(schema, child, document, at / name, found);
    }
  } else if (node.contains("items")) {
    FreeTexts(schema, node["items"], document, at / 0, found);
  } else if (node.contains("type") && !node.contains("enum") && !node.contains("const") &&
             node["type"].dump().find("string") != std::string::npos) {
    found.push_back(at);
  }
}

TEST(PersonalData, IsCaughtInEveryFreeField) {
  const json schema = json::parse(SchemaText(SchemaName::kPublish));
  std::vector<json::json_pointer> places;
  FreeTexts(schema, schema, {}, json::json_pointer(), places);
  ASSERT_GT(places.size(), 60u);
  const json sound = RedactMade(MadeJson()).document;
  constexpr const char* kHome =
      "/"
      "home/erika/m.gguf";
  constexpr const char* kPlanted[] = {"erika@example.org", kHome,
                                      "00:1a:2b:3c:4d:5e", "192.168.1.20",
                                      "490154203237518",   "123e4567-e89b-12d3-a456-426614174000",
                                      "erikas-mac.local"};
  std::size_t turn = 0;
  for (const json::json_pointer& place : places) {
    for (const char* planted : kPlanted) {
      json document = sound;
      document[place] = planted;
      EXPECT_FALSE(FindPersonalData(document).empty()) << place << " " << planted;
    }
    // One of them, each in turn, through the whole validation.
    json document = sound;
    document[place] = kPlanted[turn++ % std::size(kPlanted)];
    const Published published = Resign(document, TestKey());
    const std::vector<Finding> findings = Validate(
        {.name = published.name, .text = published.text, .signature = published.signature}, {});
    EXPECT_EQ(ExitCodeOf(findings), ExitCode::kInvalidInput) << place;
    EXPECT_THAT(IdsOf(findings), ::testing::Contains("personal_data")) << place;
  }
}

TEST(PublishSchema, KnowsTheMetricsOfResults) {
  const json result = json::parse(SchemaText()),
             publish = json::parse(SchemaText(SchemaName::kPublish));
  for (const char* of : {"record", "ceiling"}) {
    for (const char* key : {"metric", "definition", "unit", "better"}) {
      const json::json_pointer at = json::json_pointer("/$defs") / of / "properties" / key / "enum";
      EXPECT_EQ(publish[at], result[at]) << at;
    }
    EXPECT_EQ(publish["$defs"][of]["required"], result["$defs"][of]["required"]);
  }
}

}  // namespace
}  // namespace inferometer
