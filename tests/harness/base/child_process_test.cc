// Child processes are bounded in time and output, and say how they ended; libraries say why not.
#include "harness/base/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "harness/base/dynamic_library.h"

namespace inferometer {
namespace {

using End = ChildResult::End;
using testing::HasSubstr;
using testing::StartsWith;

ChildRequest Shell(const std::string& script) { return {{"/bin/sh", "-c", script}, {}}; }

ChildResult RunOne(const ChildRequest& request, double limit_s = 60) {
  return RunChildren(std::vector{request}, limit_s, 64 << 10).front();
}

TEST(ChildProcess, GivesOutputAndExitCode) {
  const ChildResult good = RunOne(Shell("echo answer; echo talk >&2"));
  EXPECT_EQ(good.end, End::kExited);
  EXPECT_EQ(good.code, 0);
  EXPECT_EQ(good.output, "answer\n");
  EXPECT_EQ(good.reason, "");
  const ChildResult bad = RunOne(Shell("exit 7"));
  EXPECT_EQ(bad.code, 7);
  EXPECT_EQ(bad.reason, "ended with exit code 7");
}

TEST(ChildProcess, SetsVariablesOnTopOfItsOwn) {
  setenv("INFEROMETER_TEST_KEPT", "kept", 1);
  ChildRequest request = Shell("echo $INFEROMETER_TEST_KEPT $INFEROMETER_TEST_NEW");
  request.environment = {{"INFEROMETER_TEST_NEW", "new"}};
  EXPECT_EQ(RunOne(request).output, "kept new\n");
}

TEST(ChildProcess, ReadsNothing) { EXPECT_EQ(RunOne(Shell("cat; echo end")).output, "end\n"); }

TEST(ChildProcess, NamesTheSignal) {
  const ChildResult result = RunOne(Shell("kill -ABRT $$"));
  EXPECT_EQ(result.end, End::kSignal);
  EXPECT_EQ(result.code, SIGABRT);
  EXPECT_THAT(result.reason, StartsWith("ended by signal 6 ("));
}

TEST(ChildProcess, EndsWhatHangsWithWhatItStarted) {
  const ChildResult result = RunOne(Shell("echo before; sleep 1000 & echo $!; wait"), 0.5);
  EXPECT_EQ(result.end, End::kTimeLimit);
  EXPECT_EQ(result.reason, "gave no answer within 0.5 s");
  ASSERT_THAT(result.output, StartsWith("before\n"));
  const pid_t grandchild = std::atoi(result.output.substr(7).c_str());
  ASSERT_GT(grandchild, 1);
  // It was killed too, though nobody may have collected it yet.
  while (kill(grandchild, 0) == 0) {
    std::ifstream stat("/proc/" + std::to_string(grandchild) + "/stat");
    std::string text;
    std::getline(stat, text);
    if (text.empty() || text.find(") Z ") != std::string::npos) break;
    usleep(1000);
  }
}

TEST(ChildProcess, EndsWhatTalksTooMuch) {
  const ChildResult result = RunOne({{"/bin/cat", "/dev/zero"}, {}});
  EXPECT_EQ(result.end, End::kTooMuchOutput);
  EXPECT_EQ(result.reason, "wrote more than 64 KiB");
}

TEST(ChildProcess, SaysWhatCannotBeStarted) {
  const ChildResult result = RunOne({{"no/such/program"}, {}});
  EXPECT_EQ(result.end, End::kNotStarted);
  EXPECT_THAT(result.reason, StartsWith("cannot be started: "));
}

TEST(ChildProcess, RunsAllAtOnceAndKeepsTheirOrder) {
  // Each waits for the other's file: one after the other they would wait for ever.
  const std::string folder = testing::TempDir() + "inferometer-pair-" + std::to_string(getpid());
  const auto meet = [&folder](const std::string& mine, const std::string& other) {
    return Shell("mkdir -p " + folder + "; touch " + folder + "/" + mine + "; until test -e " +
                 folder + "/" + other + "; do sleep 0.01; done; echo " + mine);
  };
  const auto results = RunChildren(std::vector{meet("a", "b"), meet("b", "a")}, 60, 1024);
  EXPECT_EQ(results[0].output, "a\n");
  EXPECT_EQ(results[1].output, "b\n");
  RunOne(Shell("rm -r " + folder));
}

TEST(ThisProgram, IsThisTest) { EXPECT_THAT(ThisProgram(), HasSubstr("child_process_test")); }

TEST(DynamicLibrary, TellsAMissingOne) {
  constexpr const char* kNames[] = {"libno_such_library.so.1", "libno_such_library.so"};
  const DynamicLibrary library(kNames);
  EXPECT_FALSE(library);
  EXPECT_EQ(library.why_not(), "libno_such_library.so.1 is not installed");
  EXPECT_EQ(library.Find<void*>("anything"), nullptr);
}

TEST(DynamicLibrary, OpensTheFirstThatLoads) {
  constexpr const char* kNames[] = {"libno_such_library.so.1", "libm.so.6"};
  const DynamicLibrary library(kNames);
  if (!library) GTEST_SKIP() << "no libm.so.6: " << library.why_not();
  EXPECT_EQ(library.name(), "libm.so.6");
  const auto root = library.Find<double (*)(double)>("sqrt");
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(root(9.0), 3.0);
  EXPECT_EQ(library.Find<void*>("no_such_function"), nullptr);
}

}  // namespace
}  // namespace inferometer
