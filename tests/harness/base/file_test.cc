// Files: mapped whole, replaced whole or not at all.
#include "harness/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <utility>

#include "harness/base/error.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(::testing::TempDir()) /
        (std::string("file_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    path_ = (folder_ / "file").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::ptrdiff_t FileCount() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }

  std::filesystem::path folder_;
  std::string path_;
};

// Expects an Error of that code that names `name`.
void ExpectError(const std::function<void()>& call, ExitCode code, const std::string& name) {
  try {
    call();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_THAT(error.what(), HasSubstr(name));
  }
}

TEST_F(FileTest, MapsAWholeFile) {
  std::ofstream(path_) << "0123456789";
  MappedFile first(path_);
  const MappedFile mapped(std::move(first));
  ASSERT_EQ(mapped.bytes().size(), 10u);
  EXPECT_EQ(mapped.bytes()[9], std::byte{'9'});
}

TEST_F(FileTest, MapsAnEmptyFile) {
  const std::ofstream create(path_);
  EXPECT_TRUE(MappedFile(path_).bytes().empty());
}

TEST_F(FileTest, WhatWasReleasedCanBeReadAgain) {
  std::ofstream(path_) << std::string(100000, 'x');
  const MappedFile mapped(path_);
  mapped.Release(10, 90000);
  EXPECT_EQ(mapped.bytes()[50000], std::byte{'x'});
}

TEST_F(FileTest, NamesWhatCannotBeRead) {
  ExpectError([&] { MappedFile{path_}; }, ExitCode::kInvalidInput, path_);
  ExpectError([&] { ReadText(path_); }, ExitCode::kInvalidInput, path_);
  ExpectError([&] { MappedFile{folder_.string()}; }, ExitCode::kInvalidInput, folder_.string());
}

TEST_F(FileTest, AnAtomicFileAppearsAtCommit) {
  std::ofstream(path_) << "old";
  {
    AtomicFile file(path_);
    file.Write("new ");
    file.Write("text");
    EXPECT_EQ(ReadText(path_), "old");
    file.Commit();
  }
  EXPECT_EQ(ReadText(path_), "new text");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTest, AnAtomicFileThatIsAbandonedLeavesNothing) {
  std::ofstream(path_) << "old";
  {
    AtomicFile(path_).Write("new");
  }
  EXPECT_EQ(ReadText(path_), "old");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTest, AFailedCommitLeavesNothing) {
  AtomicFile file(path_);
  file.Write("new");
  std::filesystem::create_directory(path_);  // cannot be replaced by a file
  ExpectError([&] { file.Commit(); }, ExitCode::kRunFailed, path_);
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTest, SaysBeforehandWhetherAPlaceIsWritable) {
  std::ofstream(path_) << "old";
  CheckWritable(path_);
  CheckWritable((folder_ / "other").string());
  EXPECT_EQ(ReadText(path_), "old");
  EXPECT_EQ(FileCount(), 1);
  const std::string missing = (folder_ / "missing" / "file").string();
  ExpectError([&] { CheckWritable(missing); }, ExitCode::kUsage, missing);
  ExpectError([&] { CheckWritable(folder_.string()); }, ExitCode::kUsage, folder_.string());
}

}  // namespace
}  // namespace inferometer
