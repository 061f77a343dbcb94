// The extended suite on a tiny model, from the request to a document that the schema accepts.
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <set>

#include "harness/runner/run.h"
#include "harness/workloads/workload.h"
#include "models/model.h"
#include "results/result_file.h"
#include "results/validate_schema.h"
#include "tests/models/tiny_shape.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

// Contexts of 2304 tokens: room for a depth of 2048, and none for 8192.
ModelShape DeepShape() {
  ModelShape shape = TinyShape("llama");
  shape.context = 2304;
  shape.layers = 1;
  shape.heads = 2, shape.kv_heads = 1, shape.head_dim = shape.rope_dim = 32;  // a block of q8_0
  return shape;
}

TEST(SuiteRun, EveryWorkloadOfExtendedYieldsItsRowsAndTheSchemaTakesThem) {
  const auto path = std::filesystem::temp_directory_path() / "inferometer_suite_run_test.gguf";
  WriteModel(SynthesizeModel(DeepShape(), "q8_0", 1), path.string());
  RunRequest request;
  request.preset = "extended";
  request.devices = {"cpu:scalar"};
  request.models = {path.string()};
  request.threads = 1;
  request.time_budget_s = 500;  // never needed: two repetitions of each
  request.most_repetitions = 2;
  request.sustained_minutes = 2.0 / 60;
  const Result result = inferometer::Run(request, {}, {});
  std::filesystem::remove(path);

  std::map<std::string, std::map<std::string, int>> rows;  // by workload and status
  for (const Record& row : result.records) {
    // A roof measured while other tests had the processor is no matter of this test.
    const bool roof = row.reason.starts_with("implausible: ");
    ++rows[row.workload][roof ? "ok" : std::string(NameOf(row.status))];
    EXPECT_TRUE(roof || row.status != Status::kFailed)
        << row.workload << " " << row.metric << " " << row.params << ": " << row.reason;
    if (row.status == Status::kOk) {
      EXPECT_FALSE(row.samples.empty());
    } else {
      EXPECT_FALSE(row.reason.empty());
    }
  }
  for (const Workload& workload : Workloads()) {
    std::set<std::string> wanted, got;
    for (const Case& c : workload.cases("extended")) {
      for (const RowKey& key : workload.rows(c)) wanted.insert(key.metric);
    }
    for (const Record& row : result.records) {
      // Joules are no case's own: their row stands where the first window was.
      if (row.workload == workload.name && row.metric != "energy_per_token") got.insert(row.metric);
    }
    EXPECT_EQ(got, wanted) << workload.name;
  }
  for (const char* workload :
       {"prefill", "decode", "kv_reuse", "voice", "kv_sweep", "kv_move", "batch", "sustained"}) {
    EXPECT_GT(rows[workload]["ok"], 0) << workload;
  }
  for (const Record& row : result.records) {
    if (row.workload == "decode" && row.params["depth"] == 8192) {
      EXPECT_THAT(row.reason, HasSubstr("context is 2304"));
    }
    // A device without such a cache says so; one that has it was held against the reference.
    if (row.workload == "kv_quant" && row.params["kv"] == "q8_0") {
      if (row.status == Status::kUnsupported) {
        EXPECT_THAT(row.reason, HasSubstr("q8_0"));
      } else {
        ASSERT_TRUE(row.conformance.has_value());
        EXPECT_TRUE(row.conformance->pass);
      }
    }
    if (row.metric == "sustained_rate") {
      EXPECT_EQ(row.samples.size(), 2u);
    }
    if (row.metric == "throttle_onset") {
      EXPECT_EQ(row.reason, "no slowdown was found");
    }
  }
  const nlohmann::json document = nlohmann::json::parse(ToJson(result).dump());
  const auto findings = ValidateSchema(document);
  EXPECT_TRUE(findings.empty()) << Describe(findings);
}

}  // namespace
}  // namespace inferometer
