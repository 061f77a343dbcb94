// Where the loaders look for drivers, so that each driver can be asked apart from the others.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "probes/gpu_question.h"
#include "probes/reader.h"

namespace inferometer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostDrivers = 32, kMostManifestBytes = 4096;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> Paths(const std::string& list) {
  std::vector<std::string> paths;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(':', at), list.size());
    if (end > at) paths.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return paths;
}

// Files of this ending in each folder, or the path itself when it is such a file.
std::vector<std::string> FilesOf(const std::vector<std::string>& paths, std::string_view ending) {
  std::vector<std::string> files;
  std::set<std::string> known;
  const auto add = [&](const fs::path& path) {
    std::error_code error;
    const std::string real = fs::canonical(path, error).string();
    if (!error && known.insert(real).second && files.size() < kMostDrivers)
      files.push_back(path.string());
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (path.ends_with(ending)) add(path);
      continue;
    }
    std::vector<fs::path> inside;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().string().ends_with(ending)) inside.push_back(entry->path());
    }
    std::sort(inside.begin(), inside.end());
    for (const fs::path& file : inside) add(file);
  }
  return files;
}

// Vulkan-Loader's docs/LoaderDriverInterface.md, "Driver Discovery on Linux".
std::vector<std::string> VulkanFolders() {
  const std::string home = Variable("HOME");
  const auto home_or = [&](const char* variable, const char* below) {
    const std::string value = Variable(variable);
    return !value.empty() || home.empty() ? value : home + below;
  };
  const auto list_or = [](const char* variable, const char* usual) {
    const std::string value = Variable(variable);
    return Paths(value.empty() ? usual : value);
  };
  std::vector<std::string> bases = {home_or("XDG_CONFIG_HOME", "/.config")};
  for (const std::string& path : list_or("XDG_CONFIG_DIRS", "/etc/xdg")) bases.push_back(path);
  bases.emplace_back("/etc");
  bases.push_back(home_or("XDG_DATA_HOME", "/.local/share"));
  for (const std::string& path : list_or("XDG_DATA_DIRS", "/usr/local/share:/usr/share"))
    bases.push_back(path);
  std::vector<std::string> folders = Paths(Variable("VK_ADD_DRIVER_FILES"));
  for (const std::string& base : bases) {
    if (!base.empty()) folders.push_back(base + "/vulkan/icd.d");
  }
  return folders;
}

std::vector<DriverManifest> VulkanDrivers() {
  std::string forced = Variable("VK_DRIVER_FILES");
  if (forced.empty()) forced = Variable("VK_ICD_FILENAMES");  // its name before loader 1.3.207
  std::vector<DriverManifest> drivers;
  for (const std::string& file :
       FilesOf(forced.empty() ? VulkanFolders() : Paths(forced), ".json")) {
    drivers.push_back({fs::path(file).filename().string(),
                       {{"VK_DRIVER_FILES", file}, {"VK_ICD_FILENAMES", file}}});
  }
  return drivers;
}

// ocl-icd(7) and the Khronos loader's README, "OCL_ICD_VENDORS".
std::vector<DriverManifest> OpenClDrivers() {
  const std::string forced = Variable("OCL_ICD_VENDORS");
  std::vector<DriverManifest> drivers;
  for (const std::string& file :
       FilesOf({forced.empty() ? std::string("/etc/OpenCL/vendors") : forced}, ".icd")) {
    std::ifstream in(file);
    std::string library;
    std::getline(in, library);
    if (library.size() > kMostManifestBytes) continue;
    // ocl-icd takes one such file; Khronos's loader takes folders alone there, and libraries here.
    drivers.push_back(
        {fs::path(file).filename().string(),
         {{"OCL_ICD_VENDORS", file}, {"OCL_ICD_FILENAMES", std::string(Trim(library))}}});
  }
  return drivers;
}

}  // namespace

std::vector<DriverManifest> FindDrivers(std::string_view api) {
#if defined(__ANDROID__) || defined(_WIN32)
  return {};
#else
  return api == "vulkan" ? VulkanDrivers() : OpenClDrivers();
#endif
}

}  // namespace inferometer
