// Finds the folder for caches.
#include "harness/base/cache_folder.h"

#include <cstdlib>
#include <string>

namespace inferometer {

std::filesystem::path CacheFolder() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (std::string own = variable("INFEROMETER_CACHE"); !own.empty()) return own;
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) {
    return std::filesystem::path(cache) / "inferometer";
  }
  if (const std::string local = variable("LOCALAPPDATA"); !local.empty()) {
    return std::filesystem::path(local) / "inferometer";
  }
  if (const std::string home = variable("HOME"); !home.empty()) {
    return std::filesystem::path(home) / ".cache" / "inferometer";
  }
  return {};
}

}  // namespace inferometer
