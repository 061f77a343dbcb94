// Writes a submission to its place.
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "results/submit/publish.h"

namespace inferometer {

std::string PlaceSubmission(const std::string& folder, const std::string& place,
                            std::string_view text, std::string_view signature) {
  const std::filesystem::path path = std::filesystem::path(folder) / place;
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) {
    throw Error(ExitCode::kUsage,
                fmt::format("cannot make the folder '{}': {}; name another with --into FOLDER",
                            path.parent_path().string(), failed.message()));
  }
  if (std::filesystem::exists(path)) {
    throw Error(ExitCode::kUsage,
                fmt::format("'{}' is there already: this run is placed, nothing is left to do",
                            path.string()));
  }
  AtomicFile beside(path.string() + ".minisig");
  beside.Write(signature);
  AtomicFile file(path.string());
  file.Write(text);
  beside.Commit();
  file.Commit();
  return path.string();
}

}  // namespace inferometer
