// What becomes of devices that are lost and of memory that runs out: errors that name it. A layer
// between loader and driver makes the calls fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "backends/vulkan/shaders.h"
#include "backends/vulkan/vulkan.h"
#include "harness/base/error.h"
#include "harness/runner/session.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::vulkan {
namespace {

using testing::HasSubstr;

class Faults : public testing::Test {
 protected:
  void SetUp() override {
    const std::string why_not = UseFaultLayer(environment_);
    if (!why_not.empty()) GTEST_SKIP() << why_not;
    Fault("");
  }
  void Fault(const std::string& faults) { environment_.Set("INFEROMETER_FAULTS", faults); }

  static std::unique_ptr<Device> Open(const char* overrides = "") {
    auto devices = OpenDevices(ParseOverrides(overrides));
    return devices.empty() ? nullptr : std::move(devices[0]);
  }
  // Uploads a model, prepares its plan and runs some tokens.
  static void UseDevice(Device& device) {
    const Model model = SynthesizeModel(TinyShapes()[0], "q8_0", 1);
    Session session(device, model, {.positions = 32, .step_tokens = 8, .outputs = 1});
    const std::int32_t ids[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    session.Prefill(ids, 0);
    EXPECT_EQ(session.Logits().size(), 320u);
  }
  // What goes wrong; empty when nothing does.
  static std::string ErrorOfUse(const char* overrides = "") {
    const auto device = Open(overrides);
    if (!device) return WhyNone();
    try {
      UseDevice(*device);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kRunFailed);
      return error.what();
    }
  }

  ScopedEnvironment environment_;
};

TEST_F(Faults, LayerLetsEverythingPassUnlessTold) { EXPECT_EQ(ErrorOfUse(), ""); }

TEST_F(Faults, ALostDeviceIsAnErrorWhereverItIsLost) {
  for (const char* overrides : {"", "no-unified"}) {
    for (const char* function : {"QueueSubmit", "WaitForFences"}) {
      for (const int call : {0, 1, 2}) {
        if (*overrides == '\0' && call == 2) continue;  // two steps, and nothing else to submit
        Fault(std::string(function) + ":" + std::to_string(call) + ":device-lost");
        EXPECT_THAT(ErrorOfUse(overrides), HasSubstr("VK_ERROR_DEVICE_LOST"))
            << function << " " << call << " " << overrides;
      }
    }
  }
  Fault("");
  EXPECT_EQ(ErrorOfUse(), "") << "a device opened afterwards is unharmed";
}

// The layer ends the program when memory, a pipeline or the device itself is given back then.
TEST_F(Faults, AHungDeviceCountsAsLostAndKeepsWhatItMayUse) {
  for (const char* overrides : {"", "no-unified"}) {
    Fault("WaitForFences:0:timeout");
    EXPECT_THAT(ErrorOfUse(overrides), HasSubstr("VK_ERROR_DEVICE_LOST")) << overrides;
  }
  Fault("");
  EXPECT_EQ(ErrorOfUse(), "") << "a device opened afterwards is unharmed";
}

TEST_F(Faults, ALostDeviceStaysLost) {
  const auto device = Open();
  ASSERT_TRUE(device);
  const Model model = SynthesizeModel(TinyShapes()[0], "q8_0", 1);
  Session session(*device, model, {.positions = 32, .step_tokens = 8, .outputs = 1});
  const TokenAt token = {.id = 1, .position = 0, .output = true};
  Fault("QueueSubmit:0:device-lost:once");
  EXPECT_THROW(session.Run({&token, 1}), Error);
  // The driver would take commands again; what is in its memory can no longer be trusted.
  EXPECT_THROW(session.Run({&token, 1}), Error);
}

TEST_F(Faults, MemoryThatRunsOutIsNamedWithItsSizes) {
  int failed = 0;
  for (int call = 0; call < 12; ++call) {
    Fault("AllocateMemory:" + std::to_string(call) + ":out-of-memory");
    const std::string error = ErrorOfUse("no-unified");
    if (error.empty()) break;  // fewer allocations than that
    ++failed;
    EXPECT_THAT(error, HasSubstr("VK_ERROR_OUT_OF_DEVICE_MEMORY")) << call;
    EXPECT_THAT(error, HasSubstr("bytes")) << call;
    EXPECT_THAT(error, HasSubstr("in use")) << call;
  }
  EXPECT_GE(failed, 3);
  EXPECT_LT(failed, 12);
}

TEST_F(Faults, ANearlyFullDeviceGetsSmallerBlocks) {
  for (int call = 0; call < 4; ++call) {
    Fault("AllocateMemory:" + std::to_string(call) + ":out-of-memory:once");
    EXPECT_EQ(ErrorOfUse("no-unified"), "") << call;
  }
}

TEST_F(Faults, WhatCannotBeCompiledOrMappedIsNamed) {
  Fault("CreateComputePipelines:0:out-of-host-memory");
  EXPECT_THAT(ErrorOfUse(), HasSubstr("compiling shader '"));
  Fault("CreateComputePipelines:3:device-lost");
  EXPECT_THAT(ErrorOfUse(), HasSubstr("compiling shader '"));
  Fault("MapMemory:0:failed");
  EXPECT_THAT(ErrorOfUse(), HasSubstr("mapping memory"));
  Fault("CreateDevice:0:failed");
  EXPECT_THAT(ErrorOfUse(), HasSubstr("cannot open llvmpipe"));
  Fault("CreateInstance:0:failed");
  EXPECT_THAT(ErrorOfUse(), HasSubstr("creates no instance: VK_ERROR_INITIALIZATION_FAILED"));
}

}  // namespace
}  // namespace inferometer::vulkan
