// `import` as its users see it: files, stdin, reports on the imported result, and the way back.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "results/validate_schema.h"
#include "tests/harness/cli/program.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Fixture(const std::string& name) {
  return std::string(INFEROMETER_TEST_DIR) + "/fixtures/" + name;
}

json Valid(const std::string& text) {
  const json document = json::parse(text);
  const auto findings = ValidateSchema(document);
  EXPECT_TRUE(findings.empty()) << Describe(findings);
  return document;
}

TEST(Import, WritesAValidResultToStdout) {
  for (const char* name : {"current.json", "lines.jsonl", "2023.json"}) {
    const Ended ended =
        RunInferometer({"import", "llama-bench", Fixture(std::string("llama-bench/") + name)});
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.err, IsEmpty());
    EXPECT_EQ(Valid(ended.out)["tool"]["engine"], "llama.cpp");
  }
}

TEST(Import, ComputesTheStatistics) {
  const json document =
      Valid(RunInferometer({"import", "llama-bench", Fixture("llama-bench/current.json")}).out);
  const json& prefill = document["records"][0];
  EXPECT_EQ(prefill["median"], 201.5);
  EXPECT_EQ(prefill["ci95"], json::array({199.75, 203.25}));  // 7 samples: the extremes
  EXPECT_EQ(prefill["converged"], true);
  EXPECT_EQ(prefill["shape"], "flat");
  EXPECT_EQ(document["records"][1]["median"], 41.0);
  EXPECT_EQ(document["records"][1]["ci95"], nullptr);
}

TEST(Import, IsReportedLikeAnyResult) {
  const TemporaryFolder folder;
  ASSERT_EQ(RunInferometer({"import", "llama-bench", Fixture("llama-bench/lines.jsonl"), "--json",
                            folder / "r.json"})
                .code,
            0);
  const Ended summary = RunInferometer({"report", folder / "r.json"});
  EXPECT_EQ(summary.code, 0) << summary.err;
  EXPECT_THAT(summary.out, HasSubstr("llama.cpp:vulkan"));
  EXPECT_THAT(summary.out, HasSubstr("random next tokens"));
  EXPECT_THAT(summary.out, HasSubstr("imported from llama-bench"));
  for (const char* flag : {"--html", "--csv", "--markdown", "--json", "--llama-bench-json",
                           "--google-benchmark-json"}) {
    const Ended ended = RunInferometer({"report", folder / "r.json", flag, "-"});
    EXPECT_EQ(ended.code, 0) << flag << ended.err;
    EXPECT_THAT(ended.out, HasSubstr("Invented-8B-Q8")) << flag;
  }
}

TEST(Import, OfOurOwnExportHasTheSameMedians) {
  const TemporaryFolder folder;
  const std::string sample = Fixture("results/sample.json");
  ASSERT_EQ(RunInferometer({"report", sample, "--llama-bench-json", folder / "l.json"}).code, 0);
  const Ended ended = RunInferometer({"import", "llama-bench", folder / "l.json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json imported = Valid(ended.out), original = json::parse(ReadText(sample));
  std::size_t compared = 0;
  for (const json& record : original["records"]) {
    const bool exported = record["status"] == "ok" &&
                          (record["metric"] == "decode_rate" || record["metric"] == "prefill_rate");
    if (!exported || (record["workload"] != "decode" && record["workload"] != "prefill")) continue;
    const json& same = imported["records"].at(compared++);
    for (const char* key : {"workload", "metric", "median", "ci95", "n", "samples", "outliers",
                            "shape", "converged", "threads"}) {
      EXPECT_EQ(same[key], record[key]) << key;
    }
    EXPECT_EQ(same["model"]["name"], record["model"]["name"]);
    EXPECT_EQ(same["model"]["quant"], record["model"]["quant"]);
    EXPECT_EQ(same["params"]["tokens"], record["params"]["tokens"]);
  }
  EXPECT_GE(compared, 3u);
  EXPECT_EQ(compared, imported["records"].size());
}

TEST(Import, RefusesWhatItCannotRead) {
  const TemporaryFolder folder;
  WriteFile(folder / "bad.json", "[{\"n_gen\": \"many\"}]");
  const Ended bad =
      RunInferometer({"import", "llama-bench", "bad.json", "--json", "r.json"}, folder.path());
  EXPECT_EQ(bad.code, 5);
  EXPECT_THAT(bad.err, HasSubstr("bad.json"));
  EXPECT_EQ(folder.Names(), std::vector<std::string>{"bad.json"});
  EXPECT_EQ(RunInferometer({"import", "llama-bench", "missing.json"}, folder.path()).code, 5);
  const Ended format = RunInferometer({"import", "lama-bench", "bad.json"}, folder.path());
  EXPECT_EQ(format.code, 2);
  EXPECT_THAT(format.err, HasSubstr("'llama-bench'"));
  EXPECT_EQ(RunInferometer({"import", "llama-bench"}, folder.path()).code, 2);
}

}  // namespace
}  // namespace inferometer
