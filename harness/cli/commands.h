// The commands: one table, one file each.
#ifndef INFEROMETER_HARNESS_CLI_COMMANDS_H_
#define INFEROMETER_HARNESS_CLI_COMMANDS_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace inferometer {

// What a command does once its options are read; returns the exit code.
using Action = std::function<int()>;

struct Command {
  std::string_view name, help, group;
  std::string_view examples;  // shown below the help; empty or lines that end in '\n'
  // Adds the options, and commands below it, to the parser that is to have them.
  Action (*add)(CLI::App& app);
};

std::span<const Command> Commands();

Action AddRun(CLI::App& app);
Action AddCeilings(CLI::App& app);
Action AddProbe(CLI::App& app);
Action AddList(CLI::App& app);
Action AddVerify(CLI::App& app);
Action AddImport(CLI::App& app);
Action AddKernels(CLI::App& app);
Action AddModel(CLI::App& app);
Action AddEval(CLI::App& app);
Action AddReport(CLI::App& app);
Action AddAb(CLI::App& app);
Action AddGate(CLI::App& app);
Action AddCalibrate(CLI::App& app);
Action AddCompare(CLI::App& app);
Action AddHistory(CLI::App& app);

// Adds the options of `run` that say what is measured to another command; each use is appended to
// `words`, which must live as long as the parser.
void AddRunFlags(CLI::App& app, std::vector<std::string>& words);
Action AddSubmit(CLI::App& app);
Action AddValidate(CLI::App& app);
Action AddResults(CLI::App& app);

// The program: reads the arguments, runs the command, reports errors on stderr. Returns the exit
// code (harness/base/error.h; 128 + signal when interrupted).
int RunProgram(int argc, const char* const* argv);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_COMMANDS_H_
