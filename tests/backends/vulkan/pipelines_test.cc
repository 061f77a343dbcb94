// The cache of compiled pipelines on disk: used when whole, else ignored and written anew, and safe
// among processes that start at the same time.
#include "backends/vulkan/pipelines.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <span>

#include "harness/base/error.h"
#include "harness/base/sha256.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/backends/vulkan/lowered.h"
#include "tests/harness/cli/program.h"

namespace inferometer::vulkan {
namespace {

constexpr std::size_t kHashSize = 64;

class PipelineCache : public testing::Test {
 protected:
  void SetUp() override {
    if (Shaders().empty()) GTEST_SKIP() << "this build has no shaders: glslc was missing";
    if (const auto manifest = LavapipeManifest(); !manifest.empty()) {
      UseDriver(environment_, manifest);
    }
    std::string why_not;
    open_ = OpenFirstGpu(why_not);
    if (!open_.gpu) GTEST_SKIP() << "no Vulkan device: " << why_not;
  }

  // Starts as a process would, compiles a pipeline and saves.
  void CompileAndSave() {
    Pipelines pipelines(*open_.gpu, folder_.path());
    EXPECT_NE(pipelines.Get({"gated", {64}}).pipeline, nullptr);
    EXPECT_NE(pipelines.Get({"norm.shared", {32}}).pipeline, nullptr);
    pipelines.Save();
  }
  std::vector<std::filesystem::path> Files() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      files.push_back(entry.path());
    }
    return files;
  }
  static bool IsWhole(const std::string& text) {
    if (text.size() <= kHashSize) return false;
    const std::string_view data = std::string_view(text).substr(kHashSize);
    return text.substr(0, kHashSize) == Sha256Hex(std::as_bytes(std::span(data)));
  }
  static void Write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  TemporaryFolder folder_;
  ScopedEnvironment environment_;
  OpenGpu open_;
};

TEST_F(PipelineCache, IsOneWholeFileForEachDriver) {
  CompileAndSave();
  const auto files = Files();
  ASSERT_EQ(files.size(), 1u) << "and nothing temporary beside it";
  EXPECT_TRUE(IsWhole(ReadText(files[0])));
  EXPECT_TRUE(files[0].filename().string().starts_with("vulkan-")) << files[0];
}

TEST_F(PipelineCache, IsWrittenAnewWhenDamaged) {
  CompileAndSave();
  const auto file = Files().at(0);
  const std::string whole = ReadText(file);
  const auto with_hash = [](const std::string& data) {
    return Sha256Hex(std::as_bytes(std::span(data))) + data;
  };
  std::string flipped = whole, other_driver = whole.substr(kHashSize);
  flipped[whole.size() / 2] ^= 1;
  for (int i = 8; i < 32; ++i) other_driver[i] ^= 0x5a;  // vendor, device and cache UUID
  const std::string poisoned[] = {
      "",                                      // empty
      "no cache",                              // shorter than a hash
      whole.substr(0, kHashSize),              // nothing behind the hash
      whole.substr(0, whole.size() - 1),       // cut off
      flipped,                                 // one bit
      whole + whole,                           // too long
      with_hash("this is no pipeline cache"),  // whole, and nonsense to the driver
      with_hash(other_driver),                 // whole, and of another driver
      with_hash(whole.substr(kHashSize, 20)),  // whole, and less than a header
      std::string(std::size_t{1} << 20, '\xff'),
  };
  for (const std::string& text : poisoned) {
    SCOPED_TRACE(testing::Message() << text.size() << " bytes");
    Write(file, text);
    CompileAndSave();
    EXPECT_TRUE(IsWhole(ReadText(file)));
  }
}

TEST_F(PipelineCache, IsDoneWithoutWhereItCannotBeWritten) {
  const std::filesystem::path file = folder_ / "file";
  Write(file, "in the way");
  Pipelines pipelines(*open_.gpu, file / "folder");  // no folder can be made there
  EXPECT_NE(pipelines.Get({"gated", {64}}).pipeline, nullptr);
  pipelines.Save();
  EXPECT_EQ(ReadText(file), "in the way");
  // A folder in the cache's place is neither read nor harmed.
  CompileAndSave();
  for (const auto& entry : Files()) {
    if (entry != file) {
      std::filesystem::remove(entry);
      std::filesystem::create_directories(entry / "inside");
    }
  }
  CompileAndSave();
}

TEST_F(PipelineCache, SurvivesProcessesThatStartTogether) {
  open_ = {};  // drivers' threads do not survive a fork
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int status = 1;
      try {
        std::string why_not;
        open_ = OpenFirstGpu(why_not);
        for (int round = 0; round < 4; ++round) CompileAndSave();
        status = testing::Test::HasFailure() ? 2 : 0;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
      }
      _exit(status);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  }
  const auto files = Files();
  ASSERT_EQ(files.size(), 1u) << "and nothing temporary beside it";
  EXPECT_TRUE(IsWhole(ReadText(files[0])));
}

TEST_F(PipelineCache, NamesAnUnknownShader) {
  Pipelines pipelines(*open_.gpu, {});
  try {
    pipelines.Get({"no.such.shader", {}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("no.such.shader"), std::string::npos);
  }
}

}  // namespace
}  // namespace inferometer::vulkan
