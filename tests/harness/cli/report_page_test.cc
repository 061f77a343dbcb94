// Where --html takes the dashboard's device page from.
#include "harness/cli/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/base/error.h"
#include "tests/harness/cli/program.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

const char kPage[] = "<html>{{json}}</html>";

TEST(ReportPage, InstalledOneLiesBesideTheProgramOrInShare) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "bin");
  const std::string program = folder / "bin/inferometer";
  EXPECT_EQ(InstalledPage(program), "");
  EXPECT_EQ(InstalledPage(""), "");
  WriteFile(folder / "bin/device-page.html", kPage);
  EXPECT_EQ(InstalledPage(program), kPage);
  std::filesystem::create_directories(folder / "share/inferometer");
  WriteFile(folder / "share/inferometer/device-page.html", std::string("<p>") + kPage);
  EXPECT_EQ(InstalledPage(program), std::string("<p>") + kPage);
}

TEST(ReportPage, AnotherFileOfThatNameIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  WriteFile(folder / "device-page.html", "<html>something else</html>");
  try {
    InstalledPage(folder / "inferometer");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    EXPECT_THAT(error.what(), HasSubstr("device-page.html"));
  }
}

}  // namespace
}  // namespace inferometer
