// This program started again for work that may crash or hang, with limits on time and output.
#ifndef INFEROMETER_HARNESS_BASE_CHILD_PROCESS_H_
#define INFEROMETER_HARNESS_BASE_CHILD_PROCESS_H_

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace inferometer {

struct ChildRequest {
  std::vector<std::string> command;  // a program's path and its arguments
  // Variables set on top of this process's own.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string errors_to = {};  // a file that takes its stderr; empty: nothing does
};

struct ChildResult {
  enum class End { kExited, kSignal, kTimeLimit, kTooMuchOutput, kNotStarted };
  End end = End::kNotStarted;
  int code = 0;        // exit code, or the signal's number
  std::string output;  // what it wrote to stdout until then
  std::string reason;  // "ended by signal 11 (Segmentation fault)"; empty when it exited with 0
};

// Runs all of them at once, stdin closed off, stderr too unless it has a file, and returns when
// each has ended, was ended after `limit_s` or wrote more than `limit_bytes`. None outlives the
// call, nor do processes that one of them started in its group. Never throws for what a child does.
std::vector<ChildResult> RunChildren(std::span<const ChildRequest> requests, double limit_s,
                                     std::size_t limit_bytes);

// For the child: takes stdout for itself, so that libraries that print cannot spoil the answer, and
// leaves stdout and stderr pointing at nothing. No core is dumped when it crashes, and it ends when
// its parent does. Returns the descriptor to answer on, -1 when there is none.
int TakeStdout();
// Writes all of `text` there and ends the process at once, running no destructor of any library.
[[noreturn]] void AnswerAndExit(int descriptor, const std::string& text);

// The path of the running program; empty where the system does not tell.
std::string ThisProgram();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_CHILD_PROCESS_H_
