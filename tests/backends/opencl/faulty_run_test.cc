// A run on a device that is lost: failed rows, and the run goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/runner/run.h"
#include "models/model.h"
#include "tests/backends/opencl/faults.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::opencl {
namespace {

using testing::HasSubstr;

class OpenClFaultyRun : public FaultsTest {};

TEST_F(OpenClFaultyRun, HasFailedRowsAndGoesOn) {
  const auto path = std::filesystem::path(testing::TempDir()) / "opencl_faults_test.gguf";
  WriteModel(SynthesizeModel(TinyShapes()[0], "q8_0", 1), path.string());
  RunRequest request;
  request.preset = "quick";
  request.devices = {FirstDevice()->Info().id, "cpu:scalar"};
  request.models = {path.string()};
  request.workloads = {"prefill"};
  request.threads = 1;
  request.wait = request.energy = false;
  request.most_repetitions = 2;
  LaunchFails(60);
  const Result result = inferometer::Run(request, {}, {});
  Mend();
  std::filesystem::remove(path);
  int failed = 0, others = 0;
  for (const Record& row : result.records) {
    if (row.device == request.devices[0]) {
      EXPECT_EQ(row.status, Status::kFailed) << row.workload << " " << row.metric;
      EXPECT_THAT(row.reason, HasSubstr("CL_OUT_OF_RESOURCES"));
      ++failed;
    } else {
      EXPECT_NE(row.status, Status::kFailed) << row.workload << " " << row.reason;
      ++others;
    }
  }
  EXPECT_GT(failed, 0);
  EXPECT_GT(others, 0);
}

}  // namespace
}  // namespace inferometer::opencl
