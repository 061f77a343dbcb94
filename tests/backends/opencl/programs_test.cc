// Programs: built once, kept on disk, and rebuilt from what is damaged there.
#include "backends/opencl/programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "harness/base/error.h"
#include "harness/base/sha256.h"

namespace inferometer::opencl {
namespace {

namespace fs = std::filesystem;

const ProgramKey kKey{"norm", "-DITEMS=1"};

class OpenClPrograms : public testing::Test {
 protected:
  void SetUp() override {
    if (!TheLoader().why_not.empty()) GTEST_SKIP() << TheLoader().why_not;
    const Functions& cl = TheLoader().functions;
    cl_uint count = 0;
    cl_platform_id platform = nullptr;
    cl_device_id device = nullptr;
    if (cl.GetPlatformIDs(1, &platform, &count) != CL_SUCCESS || count == 0 ||
        cl.GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, &count) != CL_SUCCESS) {
      GTEST_SKIP() << "no OpenCL device";
    }
    std::string why_not;
    gpu_.emplace(platform, device, ReadCapabilities(cl, platform, device, {}, why_not));
    folder_ = fs::path(testing::TempDir()) /
              ("opencl-cache-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    fs::remove_all(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  // Builds the program anew; whether it came from the disk.
  bool Loads() {
    Programs programs(*gpu_, folder_);
    gpu_->cl().ReleaseKernel(programs.NewKernel(kKey, "norm"));
    EXPECT_EQ(programs.loaded() + programs.compiled(), 1u);
    return programs.loaded() == 1;
  }

  fs::path File() const {
    const std::vector<fs::path> files(fs::directory_iterator{folder_}, fs::directory_iterator{});
    EXPECT_EQ(files.size(), 1u);
    return files.empty() ? fs::path() : files.front();
  }

  static std::string TextOf(const fs::path& file) {
    std::stringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
  static void Put(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }

  std::optional<Gpu> gpu_;
  fs::path folder_;
};

TEST_F(OpenClPrograms, AreCompiledOnce) {
  EXPECT_FALSE(Loads());
  EXPECT_TRUE(Loads());
  Programs programs(*gpu_, folder_);
  for (int i = 0; i < 2; ++i) gpu_->cl().ReleaseKernel(programs.NewKernel(kKey, "norm"));
  EXPECT_EQ(programs.loaded(), 1u);
}

TEST_F(OpenClPrograms, KeepNothingWithoutAFolder) {
  folder_.clear();
  EXPECT_FALSE(Loads());
  EXPECT_FALSE(Loads());
}

TEST_F(OpenClPrograms, DamagedFilesAreReplaced) {
  EXPECT_FALSE(Loads());
  const fs::path file = File();
  const std::string whole = TextOf(file);
  std::string flipped = whole;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  for (const std::string& bad :
       {std::string(), whole.substr(0, 30), whole.substr(0, whole.size() - 1), flipped,
        std::string(500, 'x'), Sha256Hex("") + "\n"}) {
    Put(file, bad);
    EXPECT_FALSE(Loads()) << bad.size();
    EXPECT_TRUE(Loads());  // replaced by a good one
  }
}

TEST_F(OpenClPrograms, ForeignBinariesAreLeftToTheDriverToRefuse) {
  EXPECT_FALSE(Loads());
  const std::string foreign = "no binary of this driver, but with the right hash";
  Put(File(), Sha256Hex(foreign) + "\n" + foreign);
  EXPECT_FALSE(Loads());
  EXPECT_TRUE(Loads());
}

TEST_F(OpenClPrograms, AFolderThatCannotBeWrittenCostsTheCacheAlone) {
  Put(folder_, "a file where the folder should be");
  EXPECT_FALSE(Loads());
  EXPECT_FALSE(Loads());
}

TEST_F(OpenClPrograms, ErrorsCarryTheCompilersWords) {
  Programs programs(*gpu_, {});
  try {
    programs.NewKernel({"norm", "-DITEMS=no_such_number"}, "norm");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'norm'"));
    EXPECT_THAT(error.what(), testing::HasSubstr("no_such_number"));
  }
  EXPECT_THROW(programs.NewKernel({"no_such_source", ""}, "norm"), Error);
  EXPECT_THROW(programs.NewKernel(kKey, "no_such_kernel"), Error);
}

}  // namespace
}  // namespace inferometer::opencl
