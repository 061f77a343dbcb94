// Finds drivers and sets the loader's variables.
#include "tests/backends/vulkan/driver.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "backends/vulkan/shaders.h"

namespace inferometer::vulkan {
namespace {

constexpr std::initializer_list<const char*> kMesa = {
    "/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"};

std::filesystem::path FirstIn(std::initializer_list<const char*> folders,
                              const std::string& start) {
  for (const char* folder : folders) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(start) && name.ends_with(".json")) return entry.path();
    }
  }
  return {};
}

}  // namespace

ScopedEnvironment::~ScopedEnvironment() {
  for (auto it = before_.rbegin(); it != before_.rend(); ++it) {
    if (it->second) {
      setenv(it->first.c_str(), it->second->c_str(), 1);
    } else {
      unsetenv(it->first.c_str());
    }
  }
}

void ScopedEnvironment::Set(const std::string& name, const std::string& value) {
  const char* before = getenv(name.c_str());
  before_.emplace_back(name, before == nullptr ? std::nullopt : std::optional<std::string>(before));
  setenv(name.c_str(), value.c_str(), 1);
}

std::filesystem::path LavapipeManifest() { return FirstIn(kMesa, "lvp_icd"); }
std::filesystem::path RadvManifest() { return FirstIn(kMesa, "radeon_icd"); }

std::filesystem::path SwiftShaderManifest() {
  return FirstIn({"/usr/lib/chromium", "/usr/lib64/chromium", "/usr/lib/chromium-browser",
                  "/opt/google/chrome"},
                 "vk_swiftshader_icd");
}

void UseDriver(ScopedEnvironment& environment, const std::filesystem::path& manifest) {
  // Loaders since 1.3.207 read the first, older ones the second.
  environment.Set("VK_DRIVER_FILES", manifest.string());
  environment.Set("VK_ICD_FILENAMES", manifest.string());
}

std::string UseFaultLayer(ScopedEnvironment& environment) {
  if (Shaders().empty()) return "this build has no shaders: glslc was missing";
  const auto manifest = LavapipeManifest();
  if (manifest.empty()) return "lavapipe is not installed (package mesa-vulkan-drivers)";
  UseDriver(environment, manifest);
  environment.Set("VK_LAYER_PATH", INFEROMETER_FAULT_LAYER);
  environment.Set("VK_INSTANCE_LAYERS", "VK_LAYER_INFEROMETER_faults");
  return "";
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace inferometer::vulkan
