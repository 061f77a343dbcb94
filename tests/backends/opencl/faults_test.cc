// What becomes of devices that are lost and of memory that runs out: errors that name it, and a
// next device that is unharmed.
#include "tests/backends/opencl/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/base/error.h"
#include "harness/runner/session.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::opencl {
namespace {

using testing::HasSubstr;

class OpenClFaults : public FaultsTest {
 protected:
  // Uploads a model, prepares its plan and runs some tokens; what goes wrong, empty when nothing.
  static std::string ErrorOfUse() {
    try {
      const auto device = FirstDevice();
      const Model model = SynthesizeModel(TinyShapes()[0], "q8_0", 1);
      Session session(*device, model, {.positions = 32, .step_tokens = 8, .outputs = 1});
      const std::int32_t ids[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
      session.Prefill(ids, 0);
      EXPECT_FALSE(session.Logits().empty());
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kRunFailed);
      return error.what();
    }
  }
};

TEST_F(OpenClFaults, ALostDeviceIsAnErrorWhereverItIsLost) {
  ASSERT_EQ(ErrorOfUse(), "");
  for (const int calls : {0, 5, 60}) {  // while it is made ready, and in the midst of a step
    LaunchFails(calls);
    EXPECT_THAT(ErrorOfUse(), HasSubstr("CL_OUT_OF_RESOURCES")) << calls;
    EXPECT_LT(calls_left, 0);
    Mend();
  }
  for (const int calls : {0, 1}) {
    WaitFails(calls);
    EXPECT_THAT(ErrorOfUse(), HasSubstr("CL_DEVICE_NOT_AVAILABLE")) << calls;
    Mend();
  }
  ContextFails();
  EXPECT_THAT(ErrorOfUse(), HasSubstr("CL_DEVICE_NOT_AVAILABLE"));
  Mend();
  EXPECT_EQ(ErrorOfUse(), "") << "a device opened afterwards is unharmed";
}

TEST_F(OpenClFaults, MemoryThatRunsOutIsNamed) {
  for (const int calls : {0, 3, 20}) {
    MemoryFails(calls);
    EXPECT_THAT(ErrorOfUse(), HasSubstr("CL_MEM_OBJECT_ALLOCATION_FAILURE")) << calls;
    Mend();
  }
  EXPECT_EQ(ErrorOfUse(), "");
}

}  // namespace
}  // namespace inferometer::opencl
