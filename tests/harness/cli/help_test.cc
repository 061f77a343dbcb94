// What the program says about itself: help, version, and the reference in harness/cli/README.md.
#include <gmock/gmock.h>

#include <cstdlib>
#include <sstream>
#include <string>

#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "tests/harness/cli/program.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kBegin = "<!-- begin: inferometer --help-markdown -->\n";
constexpr std::string_view kEnd = "<!-- end -->\n";

TEST(Help, EqualsTheReferenceInTheReadme) {
  const std::string path = INFEROMETER_TEST_DIR "/../harness/cli/README.md";
  const std::string text = ReadText(path);
  const std::size_t begin = text.find(kBegin), end = text.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::string head = text.substr(0, begin + kBegin.size()), tail = text.substr(end);
  const Ended ended = RunInferometer({"--help-markdown"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  if (std::getenv("INFEROMETER_UPDATE_GOLDEN") != nullptr) {
    AtomicFile file(path);
    file.Write(head + "\n" + ended.out + "\n" + tail);
    file.Commit();
    return;
  }
  EXPECT_EQ(text, head + "\n" + ended.out + "\n" + tail)
      << "the reference is stale: run this test with INFEROMETER_UPDATE_GOLDEN=1";
}

TEST(Help, FitsEightyColumns) {
  std::istringstream lines(RunInferometer({"--help-markdown"}).out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(Help, IsDataOnStdoutForEveryCommand) {
  for (const Command& command : Commands()) {
    const Ended ended = RunInferometer({std::string(command.name), "--help"});
    EXPECT_EQ(ended.code, 0);
    EXPECT_THAT(ended.err, IsEmpty());
    EXPECT_THAT(ended.out, HasSubstr("Usage: inferometer " + std::string(command.name)));
  }
}

TEST(Help, NamesEveryCommand) {
  const Ended ended = RunInferometer({"--help"});
  EXPECT_EQ(ended.code, 0);
  for (const Command& command : Commands()) {
    EXPECT_THAT(ended.out, HasSubstr("  " + std::string(command.name) + " "));
  }
}

TEST(Version, NamesVersionCommitAndCompiler) {
  const Ended ended = RunInferometer({"--version"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, StartsWith("inferometer "));
  EXPECT_THAT(ended.out, HasSubstr("\ncommit "));
  EXPECT_THAT(ended.out, HasSubstr("\ncompiler "));
}

}  // namespace
}  // namespace inferometer
