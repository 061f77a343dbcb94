// Describes the program and its build.
#include "harness/runner/tool.h"

#include "build_info.h"
#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/sha256.h"

namespace inferometer {

nlohmann::json DescribeTool() {
  const std::string commit = INFEROMETER_COMMIT;
  nlohmann::json tool = {
      {"version", INFEROMETER_VERSION},   {"commit", nullptr},          {"dirty", nullptr},
      {"compiler", INFEROMETER_COMPILER}, {"flags", INFEROMETER_FLAGS}, {"sha256", nullptr}};
  if (!commit.empty()) {
    tool["commit"] = commit;
    tool["dirty"] = INFEROMETER_DIRTY;
  }
  try {
    const MappedFile self("/proc/self/exe");
    tool["sha256"] = Sha256Hex(self.bytes());
  } catch (const Error&) {
    // Stays null: not every system shows a program to itself.
  }
  return tool;
}

bool IsDebugBuild() {
#ifdef __OPTIMIZE__
  return false;
#else
  return true;
#endif
}

}  // namespace inferometer
