// Which Vulkan driver and layers a test uses, by the loader's environment variables.
#ifndef INFEROMETER_TESTS_BACKENDS_VULKAN_DRIVER_H_
#define INFEROMETER_TESTS_BACKENDS_VULKAN_DRIVER_H_

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::vulkan {

// Sets environment variables, and puts back what they were.
class ScopedEnvironment {
 public:
  ScopedEnvironment() = default;
  ~ScopedEnvironment();
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;
  void Set(const std::string& name, const std::string& value);

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

// The manifest of a driver; empty where it is not installed.
//   lavapipe: Mesa's driver for the processor, package mesa-vulkan-drivers
//   RADV: Mesa's driver for AMD's GPUs, which compiles for absent ones too
//   SwiftShader: Chromium's driver for the processor, package chromium
std::filesystem::path LavapipeManifest();
std::filesystem::path RadvManifest();
std::filesystem::path SwiftShaderManifest();
// Makes the loader see this driver alone.
void UseDriver(ScopedEnvironment& environment, const std::filesystem::path& manifest);

// Makes the loader see lavapipe alone, behind the layer of fault_layer.cc. Returns why that is not
// possible here; empty when it is.
std::string UseFaultLayer(ScopedEnvironment& environment);

std::string ReadText(const std::filesystem::path& path);  // empty where there is no file

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_TESTS_BACKENDS_VULKAN_DRIVER_H_
