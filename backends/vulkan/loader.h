// Where the system keeps its Vulkan loader.
#ifndef INFEROMETER_BACKENDS_VULKAN_LOADER_H_
#define INFEROMETER_BACKENDS_VULKAN_LOADER_H_

#include <span>

namespace inferometer::vulkan {

// Names for DynamicLibrary, in order.
std::span<const char* const> LoaderNames();
// Whether instances must ask for devices that implement a subset of Vulkan (MoltenVK).
bool HasPortabilityDevices();

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_LOADER_H_
