// Names, budgets and the choice of what to run; and one whole run of a tiny model.
#include "harness/runner/run.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "harness/base/error.h"
#include "harness/runner/devices.h"
#include "harness/runner/footprint_rows.h"
#include "harness/runner/selection.h"
#include "tests/models/tiny_shape.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

RunRequest With(const std::function<void(RunRequest&)>& change) {
  RunRequest request;
  change(request);
  return request;
}

std::string UsageError(const std::function<void(RunRequest&)>& change) {
  try {
    inferometer::Run(With(change), {}, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "no error";
}

TEST(Run, UnknownNamesSayTheNearest) {
  EXPECT_THAT(UsageError([](RunRequest& r) { r.preset = "quik"; }),
              HasSubstr("did you mean 'quick'"));
  EXPECT_THAT(UsageError([](RunRequest& r) { r.workloads = {"decod"}; }),
              HasSubstr("did you mean 'decode'"));
  EXPECT_THAT(UsageError([](RunRequest& r) { r.models = {"smollm2-135n"}; }),
              HasSubstr("did you mean 'smollm2-135m'"));
  EXPECT_THAT(UsageError([](RunRequest& r) { r.backends = {"cpuu"}; }),
              HasSubstr("did you mean 'cpu'"));
  EXPECT_THAT(UsageError([](RunRequest& r) { r.devices = {"cpu:scalr"}; }),
              HasSubstr("did you mean 'cpu:scalar'"));
  EXPECT_THAT(UsageError([](RunRequest& r) { r.time_budget_s = 0; }), HasSubstr("positive"));
}

TEST(Run, AMissingFileIsInvalidInput) {
  try {
    inferometer::Run(With([](RunRequest& r) { r.models = {"./no-such-model.gguf"}; }), {}, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    EXPECT_THAT(error.what(), HasSubstr("no-such-model.gguf"));
  }
}

TEST(DefaultModel, IsTheLargestThatFitsMemoryAndTime) {
  const Selection standard = Select({});
  const auto takes = [](double seconds) { return [seconds](const Work&) { return seconds; }; };
  EXPECT_EQ(DefaultModel(standard, {}, takes(1)), "llama-3.2-1b");
  EXPECT_EQ(DefaultModel(standard, {}, takes(100)), "smollm2-135m");
  EXPECT_EQ(DefaultModel(standard, {.available_bytes = std::uint64_t{1} << 30}, takes(1)),
            "smollm2-135m");
  EXPECT_EQ(DefaultModel(Select(With([](RunRequest& r) { r.preset = "quick"; })), {}, takes(0)),
            "smollm2-135m");
}

TEST(Select, ANamedWorkloadRunsThoughThePresetHasItNot) {
  const Selection load = Select(With([](RunRequest& r) {
    r.preset = "quick";
    r.workloads = {"load"};
  }));
  ASSERT_EQ(load.cases.size(), 2u);
  EXPECT_EQ(load.cases[0].workload->name, "load");
  EXPECT_EQ(Select(With([](RunRequest& r) { r.time_budget_s = 7; })).budget_s, 7);
}

// A backend that has nothing on this machine.
std::vector<std::unique_ptr<Device>> OpenNone(const DeviceOptions&) { return {}; }
std::string WhyNone() { return "no loader"; }

TEST(ChooseDevices, AMissingBackendIsSaidAndNothingToMeasureIsAnError) {
  const Backend none[] = {{"vulkan", OpenNone, WhyNone}};
  try {
    ChooseDevices(none, {}, QuantId::kQ8_0, [] { return 0.0; });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kRunFailed);
    EXPECT_THAT(error.what(), HasSubstr("vulkan: no loader"));
  }
}

ModelShape DeepShape() {
  ModelShape shape = TinyShape("llama");
  shape.context = 4096;
  return shape;
}

std::size_t EnergyRows(const Result& result) {
  return static_cast<std::size_t>(
      std::count_if(result.records.begin(), result.records.end(),
                    [](const Record& row) { return row.metric == "energy_per_token"; }));
}
constexpr std::size_t kFootprintRows = 4;  // bytes of weights, caches and all, ops

TEST(FootprintRows, DispatchesStandWhereADeviceCountsThem) {
  const Model model = SynthesizeModel(DeepShape(), "q8_0", 1);
  EXPECT_EQ(FootprintRows({}, model, std::nullopt).size(), kFootprintRows);
  const std::vector<Record> rows = FootprintRows({}, model, 42);
  ASSERT_EQ(rows.size(), kFootprintRows + 1);
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [](const Record& r) { return r.metric == "dispatches"; });
  ASSERT_NE(row, rows.end());
  EXPECT_EQ(row->median, 42);
  EXPECT_EQ(row->workload, "footprint");
}

TEST(Run, ATinyModelGivesWholeRowsAndAStopGivesAnIncompleteResult) {
  const auto path = std::filesystem::temp_directory_path() / "inferometer_run_test.gguf";
  WriteModel(SynthesizeModel(DeepShape(), "q8_0", 1), path.string());
  RunRequest request;
  request.preset = "quick";
  request.devices = {"cpu:scalar"};
  request.models = {path.string()};
  request.threads = 1;
  request.time_budget_s = 120;  // ends long before, by its count of repetitions
  bool measured = false;
  const OnProgress progress = [&measured](const Progress& p) { measured |= p.phase == "measure"; };
  const Result result = inferometer::Run(request, progress, {});
  EXPECT_TRUE(measured);
  EXPECT_EQ(result.run["complete"], true);
  // prefill_rate, ttft, decode_rate, itl_p50, itl_p95
  ASSERT_EQ(result.records.size() - EnergyRows(result) - kFootprintRows, 5u);
  EXPECT_GE(EnergyRows(result), 1u);
  for (const Record& row : result.records) {
    EXPECT_EQ(row.device, "cpu:scalar");
    EXPECT_EQ(row.requested, "cpu:scalar");
    ASSERT_TRUE(row.conformance.has_value());
    EXPECT_TRUE(row.conformance->pass);
    EXPECT_EQ(row.model->sha256.size(), 64u);
    if (row.status == Status::kOk) {
      EXPECT_GE(row.samples.size(), 1u);
      if (row.workload == "footprint") continue;  // generates nothing
      EXPECT_EQ(row.params["generated_sha256"].get<std::string>().size(), 64u);
    }
  }
  EXPECT_FALSE(result.ceilings.empty());
  EXPECT_EQ(result.run["id"].get<std::string>().size(), 32u);

  EXPECT_GE(result.run["start_gate"]["waited_s"].get<double>(), 0);
  EXPECT_TRUE(result.run["cool_down"].is_object());
  ASSERT_EQ(result.run["energy"].size(), 1u);
  EXPECT_EQ(result.run["energy"][0]["device"], "cpu:scalar");

  request.wait = request.energy = false;
  int looks = 0;
  const Result stopped = inferometer::Run(request, {}, [&looks] { return ++looks > 4; });
  std::filesystem::remove(path);
  EXPECT_EQ(stopped.run["complete"], false);
  EXPECT_EQ(stopped.run["incomplete"], "interrupted");
  EXPECT_EQ(stopped.records.size() - kFootprintRows, 5u);
  EXPECT_EQ(stopped.run["start_gate"]["reason"], "--no-wait");
  EXPECT_TRUE(stopped.run["energy"].is_null());
}

}  // namespace
}  // namespace inferometer
