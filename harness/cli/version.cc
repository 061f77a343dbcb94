// What this build is.
#include "harness/cli/version.h"

#include <fmt/format.h>

#include "harness/runner/tool.h"

namespace inferometer {

std::string VersionText() {
  const nlohmann::json tool = DescribeTool();
  std::string commit = "unknown: built outside a repository";
  if (tool["commit"].is_string()) {
    commit = tool["commit"].get<std::string>() + (tool["dirty"] == true ? " with changes" : "");
  }
  return fmt::format("inferometer {}\ncommit {}\ncompiler {}\nflags {}\n",
                     tool["version"].get<std::string>(), commit,
                     tool["compiler"].get<std::string>(), tool["flags"].get<std::string>());
}

}  // namespace inferometer
