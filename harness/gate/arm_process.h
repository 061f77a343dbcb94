// One run of an arm: a fresh process, and the result that it prints.
#ifndef INFEROMETER_HARNESS_GATE_ARM_PROCESS_H_
#define INFEROMETER_HARNESS_GATE_ARM_PROCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "harness/gate/interleave.h"
#include "results/record.h"

namespace inferometer {

// How an arm is started.
struct ArmCommand {
  std::string name;                // "base"
  std::string program;             // an Inferometer build; or
  std::string shell;               // a command line for sh that prints a result
  std::vector<std::string> flags;  // of `run`, for a program
};

// What is started for a scope: for a program `run` with the flags, the scope's workloads and
// devices over them; a shell's command is always the whole.
std::vector<std::string> CommandLine(const ArmCommand& arm, const Scope& scope);

// Runs it. Throws Error(kRunFailed), which quotes the end of its stderr, when it cannot be started
// or crashes, Error(kTimeLimit) after `limit_s`, Error(kInvalidInput) for output that is no result.
Result RunArm(const ArmCommand& arm, const Scope& scope, double limit_s);

// A result of ours, or llama-bench's JSON or JSONL. Throws Error(kInvalidInput), also for a result
// whose statistics are not those of its samples.
Result ParseArm(std::string_view text, const std::string& name);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_ARM_PROCESS_H_
