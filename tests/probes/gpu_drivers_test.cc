// Real loaders with drivers that hang, crash, offer nothing or lie, beside real software drivers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/base/dynamic_library.h"
#include "probes/gpu_question.h"
#include "tests/probes/gpu_environment.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

bool HasLoader(const char* name) {
  const char* const names[] = {name};
  return static_cast<bool>(DynamicLibrary(names));
}

SystemRoot Root(double limit_s) {
  SystemRoot root;
  root.gpu_helper = INFEROMETER_GPU_HELPER;
  root.gpu_limit_s = limit_s;
  return root;
}

Json DriverOf(const Json& api, const std::string& name) {
  for (const Json& driver : api.at("drivers")) {
    if (driver.at("name") == name) return driver;
  }
  return {{"status", "absent"}, {"reason", nullptr}};
}

// A driver's text can do nothing to a terminal, and is no longer than it may be.
void ExpectPrintable(const Json& value) {
  if (value.is_structured()) {
    for (const Json& part : value) ExpectPrintable(part);
  } else if (value.is_string()) {
    EXPECT_LE(value.get<std::string>().size(), 256u);
    for (const char c : value.get<std::string>())
      EXPECT_TRUE(static_cast<unsigned char>(c) >= ' ' && c != 0x7f) << value;
  }
}

TEST(GpuDrivers, VulkanGivesEachDriversAnswerAndKeepsTheGoodOnes) {
  if (!HasLoader("libvulkan.so.1")) GTEST_SKIP() << "libvulkan.so.1 is not installed";
  Scratch scratch;
  std::string files;
  for (const char* behaviour : {"hang", "crash", "empty", "garbage"}) {
    const std::string path = scratch.Path("/" + std::string(behaviour) + ".json");
    WriteVulkanManifest(path, FakeDriver("vulkan", behaviour));
    files += path + ":";
  }
  WriteVulkanManifest(scratch.Path("/missing.json"), "libno_such_driver.so");
  files += scratch.Path("/missing.json");
  if (!Llvmpipe().empty()) files += ":" + Llvmpipe();
  Variables variables;
  variables.Set("VK_DRIVER_FILES", files);
  const Json api = AskGpuDrivers(Root(5)).at("vulkan");
  EXPECT_EQ(DriverOf(api, "hang.json").at("status"), "hung") << api.dump(1);
  EXPECT_EQ(DriverOf(api, "hang.json").at("reason"), "gave no answer within 5 s");
  EXPECT_EQ(DriverOf(api, "crash.json").at("status"), "crashed");
  EXPECT_EQ(DriverOf(api, "empty.json").at("status"), "no device");
  EXPECT_EQ(DriverOf(api, "missing.json").at("status"), "no driver");
  EXPECT_EQ(DriverOf(api, "garbage.json").at("status"), "ok");
  EXPECT_EQ(api.at("status"), "ok");
  ExpectPrintable(api);
  ASSERT_FALSE(api.at("devices").empty());
  EXPECT_THAT(api.at("devices")[0].at("name").get<std::string>(), HasSubstr("Evil [31m"));
  if (Llvmpipe().empty())
    GTEST_SKIP() << "mesa-vulkan-drivers is not installed: no good driver beside the bad ones";
  const Json& device = api.at("devices").back();
  EXPECT_THAT(device.at("name").get<std::string>(), HasSubstr("llvmpipe"));
  EXPECT_EQ(device.at("software"), true);
}

TEST(GpuDrivers, OpenClGivesEachDriversAnswerAndKeepsTheGoodOnes) {
  if (!HasLoader("libOpenCL.so.1")) GTEST_SKIP() << "libOpenCL.so.1 is not installed";
  Scratch scratch;
  for (const char* behaviour : {"hang", "crash", "empty", "garbage"})
    scratch.Write("/" + std::string(behaviour) + ".icd", FakeDriver("opencl", behaviour) + "\n");
  scratch.Write("/missing.icd", "libno_such_driver.so\n");
  if (!Pocl().empty()) std::filesystem::copy_file(Pocl(), scratch.Path("/pocl.icd"));
  Variables variables;
  variables.Set("OCL_ICD_VENDORS", scratch.root.files);
  const Json api = AskGpuDrivers(Root(5)).at("opencl");
  EXPECT_EQ(DriverOf(api, "hang.icd").at("status"), "hung") << api.dump(1);
  EXPECT_EQ(DriverOf(api, "crash.icd").at("status"), "crashed");
  EXPECT_EQ(DriverOf(api, "empty.icd").at("status"), "no device");
  EXPECT_EQ(DriverOf(api, "missing.icd").at("status"), "no driver");
  EXPECT_EQ(DriverOf(api, "garbage.icd").at("status"), "ok");
  EXPECT_EQ(api.at("status"), "ok");
  ExpectPrintable(api);
  if (Pocl().empty())
    GTEST_SKIP() << "pocl-opencl-icd is not installed: no good driver beside the bad ones";
  const Json& device = api.at("devices").back();
  EXPECT_EQ(device.at("platform"), "Portable Computing Language");
  EXPECT_EQ(device.at("software"), true);
  EXPECT_EQ(device.at("type"), "cpu");
}

TEST(GpuDrivers, AHungDriverIsTheAnswerWhenThereIsNoOther) {
  if (!HasLoader("libvulkan.so.1")) GTEST_SKIP() << "libvulkan.so.1 is not installed";
  Scratch scratch;
  WriteVulkanManifest(scratch.Path("/hang.json"), FakeDriver("vulkan", "hang"));
  Variables variables;
  variables.Set("VK_DRIVER_FILES", scratch.Path("/hang.json"));
  SystemRoot root = Root(1);
  const Json device = DescribeDevice(root);  // ends, though the driver never answers
  EXPECT_EQ(device.at("/gpu_apis/vulkan/status"_json_pointer), "hung");
  EXPECT_EQ(device.at("/gpu_apis/vulkan/reason"_json_pointer),
            "hang.json gave no answer within 1 s");
  EXPECT_THAT(GpuTroubles(device), Contains(HasSubstr("vulkan: hang.json gave no answer")));
}

TEST(GpuDrivers, NothingInstalledIsNoDriver) {
  if (!HasLoader("libvulkan.so.1") || !HasLoader("libOpenCL.so.1"))
    GTEST_SKIP() << "libvulkan.so.1 or libOpenCL.so.1 is not installed";
  Scratch scratch;
  Variables variables;
  variables.Set("VK_DRIVER_FILES", scratch.Path("/none.json"));
  variables.Set("OCL_ICD_VENDORS", scratch.root.files);
  const Json apis = AskGpuDrivers(Root(5));
  for (const char* name : {"vulkan", "opencl"}) {
    EXPECT_EQ(apis.at(name).at("status"), "no driver") << apis.dump(1);
    EXPECT_TRUE(apis.at(name).at("devices").empty());
  }
}

// An empty file hides the loader behind it: the system's search ends at the first of this name.
TEST(GpuDrivers, AHiddenLoaderIsNoLoader) {
  Scratch scratch;
  for (const char* name : {"libvulkan.so.1", "libvulkan.so", "libOpenCL.so.1", "libOpenCL.so"})
    scratch.Write("/" + std::string(name), "");
  Variables variables;
  variables.Set("LD_LIBRARY_PATH", scratch.root.files);
  const Json apis = AskGpuDrivers(Root(5));
  for (const auto& [name, file] :
       {std::pair("vulkan", "libvulkan.so.1"), std::pair("opencl", "libOpenCL.so.1")}) {
    EXPECT_EQ(apis.at(name).at("status"), "no loader") << apis.dump(1);
    const auto reason = apis.at(name).at("reason").get<std::string>();
    EXPECT_THAT(reason, HasSubstr(std::string(file) + " cannot be loaded: "));
    EXPECT_THAT(reason, Not(HasSubstr(scratch.root.files)));
  }
}

TEST(GpuDrivers, NoHelperIsAReason) {
  const Json device = DescribeDevice();
  EXPECT_TRUE(device.at("/gpu_apis/vulkan"_json_pointer).is_null());
  SystemRoot root = Root(5);
  root.gpu_helper = "no/such/program";
  const Json api = AskGpuDrivers(root).at("vulkan");
  EXPECT_EQ(api.at("status"), "not asked");
  EXPECT_THAT(api.at("reason").get<std::string>(), HasSubstr("cannot be started"));
}

// A program that answers with something else, as one would get that knows nothing of questions.
TEST(GpuDrivers, NonsenseIsNoAnswer) {
  Scratch scratch;
  for (const char* answer :
       {"", "{", "[]", "{\"status\": \"ok\"}", "{\"status\": 7, \"devices\": []}",
        "{\"status\": \"ok\", \"devices\": {}}"}) {
    scratch.Write("/helper", "#!/bin/sh\ncat <<'E'\n" + std::string(answer) + "\nE\n");
    std::filesystem::permissions(scratch.Path("/helper"), std::filesystem::perms::owner_all);
    SystemRoot root = Root(5);
    root.gpu_helper = scratch.Path("/helper");
    EXPECT_EQ(AskGpuDrivers(root).at("vulkan").at("status"), "crashed") << answer;
  }
  scratch.Write("/helper", "#!/bin/sh\nexec cat /dev/zero\n");
  SystemRoot root = Root(5);
  root.gpu_helper = scratch.Path("/helper");
  EXPECT_THAT(AskGpuDrivers(root).at("vulkan").at("reason").get<std::string>(),
              HasSubstr("wrote more than"));
}

}  // namespace
}  // namespace inferometer
