// llama-bench's JSON of several ages, and hostile text in its place.
#include "results/import_llama_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "results/json.h"
#include "results/validate_schema.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Fixture(const std::string& name) {
  return ReadText(std::string(INFEROMETER_TEST_DIR) + "/fixtures/llama-bench/" + name);
}

Result Import(const std::string& name) { return ImportLlamaBench(Fixture(name), name); }

TEST(ImportLlamaBench, TakesPromptAndGenerationAsPrefillAndDecode) {
  const Result result = Import("current.json");
  ASSERT_EQ(result.records.size(), 4u);
  const Record& prefill = result.records[0];
  EXPECT_EQ(prefill.workload, "prefill");
  EXPECT_EQ(prefill.metric, "prefill_rate");
  EXPECT_EQ(prefill.params, json({{"tokens", 512}, {"kv", "f16"}}));  // as our own rows have it
  EXPECT_THAT(prefill.samples, ElementsAre(201.5, 203.25, 199.75, 202.0, 201.0, 200.5, 202.5));
  EXPECT_EQ(prefill.model->name, "Invented-1B-Instruct-Q4_K_M");  // without its folder
  EXPECT_EQ(prefill.model->quant, "q4_k_m");
  EXPECT_EQ(prefill.model->bytes, 807690656u);
  EXPECT_EQ(prefill.backend, "cpu");
  EXPECT_EQ(prefill.device, "llama.cpp:cpu");
  EXPECT_EQ(prefill.threads, 4);
  const Record& decode = result.records[1];
  EXPECT_EQ(decode.workload, "decode");
  EXPECT_EQ(decode.metric, "decode_rate");
  EXPECT_EQ(decode.params, json({{"tokens", 128}, {"kv", "f16"}, {"depth", 0}}));
  EXPECT_EQ(result.records[2].params, json({{"tokens", 128}, {"kv", "q8_0"}, {"depth", 2048}}));
  EXPECT_EQ(result.records[3].status, Status::kSkipped);
  EXPECT_THAT(result.records[3].reason, HasSubstr("one rate over prompt and generation"));
}

TEST(ImportLlamaBench, TakesBackendsAsTruthsAndAsTexts) {
  json tests = json::parse(Fixture("current.json"));
  for (json& test : tests) {
    test.erase("backends");
    test["vulkan"] = false;
    test["rpc"] = "0";  // as ik_llama.cpp has it
  }
  EXPECT_EQ(ImportLlamaBench(tests.dump(), "").records[0].backend, "cpu");
  for (json& test : tests) test["vulkan"] = true;
  EXPECT_EQ(ImportLlamaBench(tests.dump(), "").records[0].backend, "vulkan");
  for (json& test : tests) test["vulkan"] = 1;
  EXPECT_THROW(ImportLlamaBench(tests.dump(), ""), Error);
}

TEST(ImportLlamaBench, SaysWhatMeasuredAndWhatIsNotKnown) {
  const Result result = Import("current.json");
  EXPECT_EQ(result.tool["engine"], "llama.cpp");
  EXPECT_EQ(result.tool["commit"], "a1b2c3d");
  EXPECT_EQ(result.tool["version"], "b4321");
  EXPECT_EQ(result.run["started_at"], "2025-06-01T10:00:00Z");  // the earliest
  EXPECT_EQ(result.run["source"]["tests"][0]["n_ubatch"], 512);
  EXPECT_EQ(result.device["cpu"]["name"], "Invented CPU 1000");
  for (const json* part : {&result.tool, &result.run, &result.device}) {
    for (const auto& [key, value] : part->items()) {
      if (value.is_null()) {
        EXPECT_TRUE((*part)["absent"].contains(key)) << key;
      }
    }
  }
  ASSERT_EQ(result.warnings.size(), 2u);
  EXPECT_EQ(result.warnings[1].id, "other_definition");
  EXPECT_THAT(result.warnings[1].message, HasSubstr("random next tokens"));
}

TEST(ImportLlamaBench, TakesLines) {
  const Result result = Import("lines.jsonl");
  ASSERT_EQ(result.records.size(), 3u);
  EXPECT_EQ(result.records[0].device, "llama.cpp:vulkan");
  EXPECT_EQ(result.records[0].model->quant, "q8_0");
  EXPECT_EQ(result.records[2].params["depth"], 1024);
  EXPECT_EQ(result.device["gpus"][0]["name"], "Invented GPU 9 (driver 1.2)");
}

TEST(ImportLlamaBench, TakesTheFirstVersions) {
  const Result result = Import("2023.json");
  ASSERT_EQ(result.records.size(), 2u);
  EXPECT_EQ(result.records[0].backend, "cuda");
  EXPECT_EQ(result.records[0].device, "llama.cpp:cuda without layers");  // -ngl 0
  EXPECT_EQ(result.records[0].model->name, "old");
  EXPECT_EQ(result.records[0].model->quant, "q4_0");
  EXPECT_EQ(result.records[0].samples[1], 64.0);  // 512 tokens in 8 s
  EXPECT_EQ(result.records[1].samples[1], 8.0);
}

TEST(ImportLlamaBench, IsValidBySchemaAndSurvivesTheWayBack) {
  for (const char* name : {"current.json", "lines.jsonl", "2023.json"}) {
    Result result = Import(name);
    for (Record& record : result.records) {
      if (!record.samples.empty()) record.median = record.samples[0];
    }
    const json document = ToJson(result);
    const auto findings = ValidateSchema(document);
    EXPECT_TRUE(findings.empty()) << name << Describe(findings);
    EXPECT_EQ(ToJson(FromJson(document)), document) << name;
    const json& absent = document["records"][0]["absent"];
    EXPECT_EQ(absent["roofline"], "llama-bench measures no roofs");
    EXPECT_TRUE(absent.contains("warmup.repetitions"));
  }
}

TEST(ImportLlamaBench, NamesTheQuantOfAModelType) {
  const json base = json::parse(Fixture("current.json"))[0];
  const auto quant = [&](const char* type) {
    json test = base;
    test["model_type"] = type;
    return ImportLlamaBench(test.dump(), "x").records[0].model->quant;
  };
  EXPECT_EQ(quant("llama 7B Q5_K - Small"), "q5_k_s");
  EXPECT_EQ(quant("llama 7B Q3_K - Large (guessed)"), "q3_k_l");
  EXPECT_EQ(quant("qwen3 0.6B all F32"), "f32");
  EXPECT_EQ(quant("qwen3 0.6B BF16"), "bf16");
  EXPECT_EQ(quant("llama 70B IQ2_XXS - 2.0625 bpw"), "iq2_xxs");
  EXPECT_EQ(quant("gpt-oss 20B MXFP4 MoE"), "unknown");
  EXPECT_EQ(quant("llama-3.2-1b q4_k_m"), "q4_k_m");
  EXPECT_EQ(quant("mystery"), "unknown");
}

TEST(ImportLlamaBench, TakesTheAverageWhereNothingElseIs) {
  json tests = json::parse(Fixture("current.json"));
  for (json& test : tests) test.erase("samples_ts"), test.erase("samples_ns");
  const Result result = ImportLlamaBench(tests.dump(), "x");
  EXPECT_THAT(result.records[1].samples, ElementsAre(41.0));
  EXPECT_EQ(result.warnings.back().id, "averages_only");
}

std::string ErrorOf(const std::string& text) {
  try {
    ImportLlamaBench(text, "l.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    return error.what();
  }
  return "";
}

// The first test of the fixture with one key changed; null takes it away.
std::string With(const char* key, const json& value) {
  json tests = json::parse(Fixture("current.json"));
  value.is_null() ? (void)tests[1].erase(key) : (void)(tests[1][key] = value);
  return tests.dump();
}

TEST(ImportLlamaBench, RefusesWhatIsNoSuchFile) {
  for (const char* text : {"", "[]", "{}", "3", "null", "[3]", "[[]]", "{\"a\":", "\xff\xfe",
                           "{\"records\": []}", "[{\"n_prompt\": 5}]"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("l.json")) << text;
  }
  EXPECT_THAT(ErrorOf(std::string(100000, '[')), HasSubstr("l.json"));
  EXPECT_THAT(ErrorOf("{\"n_gen\": 1}\n{\"n_gen\": 1"), HasSubstr("2"));
}

TEST(ImportLlamaBench, NamesTheTestAndTheKey) {
  const std::vector<std::pair<std::string, std::string>> all = {
      {With("samples_ts", json::array({1, -2, 1, 1, 1})), "[1].samples_ts[1]"},
      {With("samples_ts", json::array({"fast", 1, 1, 1, 1})), "[1].samples_ts[0]"},
      {With("samples_ts", json::array({1, 2})), "[1].samples_ns"},
      {With("n_gen", "128"), "[1].n_gen"},
      {With("n_gen", -1), "[1].n_gen"},
      {With("n_gen", 0), "'n_prompt' and 'n_gen'"},
      {With("n_threads", 1e30), "[1].n_threads"},
      {With("model_size", nullptr), "[1]"},
      {With("model_size", -5), "[1].model_size"},
      {With("model_filename", std::string(300, 'x')), "[1].model_filename"},
      {With("model_type", std::string(300, 'x')), "[1].model_type"},
      {With("backends", 7), "[1].backends"},
      {With("poll", json::object()), "[1].poll"},
      {With("build_commit", "fffffff"), "'build_commit'"},
      {With("cpu_info", "another"), "'cpu_info'"}};
  for (const auto& [text, word] : all) {
    EXPECT_THAT(ErrorOf(text), HasSubstr(word));
    EXPECT_THAT(ErrorOf(text), HasSubstr("'l.json'"));
  }
  EXPECT_THAT(ErrorOf("{\"n_gen\": 1, \"n_gen\": 2}"), HasSubstr("twice"));
}

TEST(ImportLlamaBench, LeavesOutATimeThatIsNone) {
  const Result result =
      ImportLlamaBench(json::array({json::parse(With("test_time", "yesterday"))[1]}).dump(), "x");
  EXPECT_TRUE(result.run["started_at"].is_null());
  EXPECT_TRUE(result.run["absent"].contains("started_at"));
}

}  // namespace
}  // namespace inferometer
