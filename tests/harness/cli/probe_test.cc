// `probe` by the real program: a page, JSON, a recording, and drivers that misbehave.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/file.h"
#include "tests/harness/cli/program.h"
#include "tests/harness/cli/tiny_model.h"
#include "tests/probes/gpu_environment.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Probe, PrintsAPageAndTheSameAsJson) {
  const Ended page = RunInferometer({"probe"});
  EXPECT_EQ(page.code, 0) << page.err;
  for (const char* heading : {"\nProcessor\n", "\nMemory\n", "\nGraphics processors\n"})
    EXPECT_THAT(page.out, HasSubstr(heading));
  const Ended machine = RunInferometer({"probe", "--json"});
  EXPECT_EQ(machine.code, 0);
  const json device = json::parse(machine.out).at("device");
  EXPECT_THAT(page.out, HasSubstr(device.at("os").at("kernel").get<std::string>()));
  for (const json& fact : device.at("facts")) {
    std::string pointer = "/" + fact.at("key").get<std::string>();
    for (char& c : pointer) c = c == '.' ? '/' : c;
    EXPECT_EQ(device.at(json::json_pointer(pointer)).is_null(), fact.contains("reason")) << fact;
  }
}

TEST(Probe, RecordsADevice) {
  const TemporaryFolder folder;
  const Ended ended = RunInferometer({"probe", "--json", "--record", "device"}, folder.path());
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(std::filesystem::is_regular_file(folder / "device/proc/meminfo"));
  EXPECT_TRUE(std::filesystem::is_regular_file(folder / "device/inferometer/gpu_apis"));
}

TEST(Probe, StartsWithoutLoadersAndSaysSo) {
  const TemporaryFolder folder;
  for (const char* name : {"libvulkan.so.1", "libvulkan.so", "libOpenCL.so.1", "libOpenCL.so"})
    WriteFile(folder / name, "");  // ends the system's search
  const Environment hidden = {{"LD_LIBRARY_PATH", folder.path()}};
  const Ended page = RunInferometer({"probe"}, ".", hidden);
  EXPECT_EQ(page.code, 0) << page.err;
  EXPECT_THAT(page.out, HasSubstr("no loader: libvulkan.so.1 cannot be loaded"));
  EXPECT_THAT(page.out, HasSubstr("no loader: libOpenCL.so.1 cannot be loaded"));
  EXPECT_THAT(page.err, IsEmpty());
  const Ended machine = RunInferometer({"probe", "--json"}, ".", hidden);
  const json apis = json::parse(machine.out).at("device").at("gpu_apis");
  EXPECT_EQ(apis.at("vulkan").at("status"), "no loader");
  EXPECT_EQ(apis.at("opencl").at("status"), "no loader");
}

TEST(Probe, AnswersQuestionsOnlyAsAChildWould) {
  // Without a question it is an argument like any unknown one.
  EXPECT_EQ(RunInferometer({"--answer-gpu-question"}).code, 2);
}

#ifdef INFEROMETER_FAKE_DRIVERS
TEST(Probe, AHungDriverCostsAWarning) {
  const TemporaryFolder folder;
  WriteVulkanManifest(folder / "stuck_icd.json", FakeDriver("vulkan", "hang"));
  const Ended ended =
      RunInferometer({"probe"}, ".", {{"VK_DRIVER_FILES", folder / "stuck_icd.json"}});
  EXPECT_EQ(ended.code, 0);
  if (ended.out.find("no loader") != std::string::npos) GTEST_SKIP() << "no Vulkan loader here";
  EXPECT_THAT(ended.out, HasSubstr("hung: stuck_icd.json gave no answer within 5 s"));
  EXPECT_THAT(ended.err, StartsWith("warning: vulkan: stuck_icd.json gave no answer within 5 s"));
  EXPECT_THAT(ended.err, Not(HasSubstr(folder.path())));
}

TEST(List, NamesAHungDriverAndLeavesItAlone) {
  const TemporaryFolder folder;
  WriteVulkanManifest(folder / "stuck_icd.json", FakeDriver("vulkan", "hang"));
  const Ended ended = RunInferometer({"list", "devices", "--json"}, folder.path(),
                                     {{"VK_DRIVER_FILES", folder / "stuck_icd.json"}});
  ASSERT_EQ(ended.code, 0) << ended.err;
  std::string reason;
  for (const json& device : json::parse(ended.out)) {
    if (device.at("backend") == "vulkan") reason = device.at("reason");
  }
  if (reason.find("stuck_icd.json") == reason.npos && reason.find("loader") != reason.npos) {
    GTEST_SKIP() << "no Vulkan loader here: " << reason;
  }
  EXPECT_NE(reason.find("stuck_icd.json hung"), reason.npos) << reason;
}

TEST(Run, GoesOnWithoutAHungDriver) {
  const TemporaryFolder folder;
  WriteTinyModel(folder / "tiny.gguf");
  WriteVulkanManifest(folder / "stuck_icd.json", FakeDriver("vulkan", "hang"));
  const Ended ended = RunInferometer(
      {"run", "--preset", "quick", "--model", "tiny.gguf", "--device", "cpu:scalar", "--workload",
       "decode", "--time-budget", "8", "--progress", "none", "--json", "result.json"},
      folder.path(), {{"VK_DRIVER_FILES", folder / "stuck_icd.json"}});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const json result = json::parse(ReadText(folder / "result.json"));
  if (result.at("/device/gpu_apis/vulkan/status"_json_pointer) == "no loader")
    GTEST_SKIP() << "no Vulkan loader here";
  bool warned = false;
  for (const json& warning : result.at("warnings")) warned |= warning.at("id") == "gpu_driver";
  EXPECT_TRUE(warned) << result.at("warnings");
  EXPECT_FALSE(result.at("records").empty());
}
#endif

}  // namespace
}  // namespace inferometer
