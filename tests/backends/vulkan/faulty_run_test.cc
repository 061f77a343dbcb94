// The whole program on a device that is lost or runs out of memory: failed rows of a run that goes
// on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/file.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/harness/cli/program.h"
#include "tests/harness/cli/tiny_model.h"

namespace inferometer::vulkan {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Rows of the device fail with the reason, the processor's are measured all the
// same, and the exit code says that some failed.
TEST(FaultyRun, HasFailedRowsAndGoesOn) {
  ScopedEnvironment environment;
  const std::string why_not = UseFaultLayer(environment);
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  const inferometer::TemporaryFolder folder;
  WriteTinyModel(folder / "tiny.gguf");
  for (const char* faults : {"QueueSubmit:4:device-lost", "AllocateMemory:1:out-of-memory"}) {
    SCOPED_TRACE(faults);
    const Ended ended =
        RunInferometer({"run", "--preset", "quick", "--model", "tiny.gguf", "--workload", "decode",
                        "--device", "vulkan:llvmpipe", "--device", "cpu:scalar", "--time-budget",
                        "20", "--no-wait", "--json", "r.json"},
                       folder.path(), {{"INFEROMETER_FAULTS", faults}});
    EXPECT_EQ(ended.code, 1) << ended.err;
    EXPECT_EQ(ended.signal, 0);
    const json result = json::parse(inferometer::ReadText(folder / "r.json"), nullptr, false);
    ASSERT_FALSE(result.is_discarded());
    int failed = 0, others = 0;
    for (const json& record : result["records"]) {
      const std::string device = record["device"];
      if (device == "vulkan:llvmpipe") {
        EXPECT_EQ(record["status"], "failed") << record.dump();
        EXPECT_THAT(record["reason"].get<std::string>(), HasSubstr("VK_ERROR_")) << record.dump();
        ++failed;
      } else {
        // Whether the budget suffices for all of them is a matter of the machine.
        EXPECT_NE(record["status"], "failed") << record.dump();
        EXPECT_EQ(record["conformance"]["pass"], true) << record.dump();
        ++others;
      }
    }
    EXPECT_GT(failed, 0);
    EXPECT_GT(others, 0);
  }
}

}  // namespace
}  // namespace inferometer::vulkan
