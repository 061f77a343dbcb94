// Where the system keeps its Vulkan loader.
#include "backends/vulkan/loader.h"

namespace inferometer::vulkan {

std::span<const char* const> LoaderNames() {
#if defined(_WIN32)
  static constexpr const char* kNames[] = {"vulkan-1.dll"};
#elif defined(__APPLE__)
  static constexpr const char* kNames[] = {"libvulkan.1.dylib", "/usr/local/lib/libvulkan.1.dylib",
                                           "/opt/homebrew/lib/libvulkan.1.dylib",
                                           "libMoltenVK.dylib"};
#elif defined(__ANDROID__)
  static constexpr const char* kNames[] = {"libvulkan.so"};
#else
  static constexpr const char* kNames[] = {"libvulkan.so.1", "libvulkan.so"};
#endif
  return kNames;
}

bool HasPortabilityDevices() {
#if defined(__APPLE__)
  return true;
#else
  return false;
#endif
}

}  // namespace inferometer::vulkan
