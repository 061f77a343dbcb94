// What measured: the program and its build.
#ifndef INFEROMETER_HARNESS_RUNNER_TOOL_H_
#define INFEROMETER_HARNESS_RUNNER_TOOL_H_

#include <nlohmann/json.hpp>
#include <string>

namespace inferometer {

// The result's `tool`: {version, commit, dirty, compiler, flags, sha256}; commit and dirty are null
// when it was built outside a repository, sha256 when the program cannot read itself.
nlohmann::json DescribeTool();

// Whether this build leaves the compiler's optimizations out.
bool IsDebugBuild();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_TOOL_H_
