// Opens the loader, creates an instance and lists its devices.
#include "backends/vulkan/instance.h"

#include <fmt/format.h>

#include "backends/vulkan/loader.h"
#include "harness/base/dynamic_library.h"

namespace inferometer::vulkan {
namespace {

constexpr std::uint32_t kNeeded = VK_API_VERSION_1_1;
constexpr std::uint32_t kMostDevices = 64;

}  // namespace

std::shared_ptr<Instance> Instance::Open(std::string& why_not) {
  static const DynamicLibrary library(LoaderNames());
  if (!library) {
    why_not = library.why_not();
    return nullptr;
  }
  const auto get = library.Find<PFN_vkGetInstanceProcAddr>("vkGetInstanceProcAddr");
  if (get == nullptr) {
    why_not = library.name() + " has no vkGetInstanceProcAddr";
    return nullptr;
  }
  const auto version = reinterpret_cast<PFN_vkEnumerateInstanceVersion>(
      get(VK_NULL_HANDLE, "vkEnumerateInstanceVersion"));
  const auto create =
      reinterpret_cast<PFN_vkCreateInstance>(get(VK_NULL_HANDLE, "vkCreateInstance"));
  std::uint32_t offered = VK_API_VERSION_1_0;
  if (version != nullptr) version(&offered);
  if (create == nullptr || offered < kNeeded) {
    why_not = library.name() + " offers Vulkan 1.0 alone, and 1.1 is needed";
    return nullptr;
  }
  const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                         .pNext = nullptr,
                                         .pApplicationName = "inferometer",
                                         .applicationVersion = 1,
                                         .pEngineName = nullptr,
                                         .engineVersion = 0,
                                         .apiVersion = VK_API_VERSION_1_3};
  constexpr const char* kPortability = "VK_KHR_portability_enumeration";
  constexpr VkInstanceCreateFlags kEnumeratePortability = 0x1;  // VK_INSTANCE_CREATE_..._KHR
  const bool portability = HasPortabilityDevices();
  const VkInstanceCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
      .pNext = nullptr,
      .flags = portability ? kEnumeratePortability : VkInstanceCreateFlags{0},
      .pApplicationInfo = &application,
      .enabledLayerCount = 0,
      .ppEnabledLayerNames = nullptr,
      .enabledExtensionCount = portability ? 1u : 0u,
      .ppEnabledExtensionNames = &kPortability};
  std::shared_ptr<Instance> instance(new Instance);
  const VkResult created = create(&info, nullptr, &instance->instance_);
  if (created != VK_SUCCESS) {
    instance->instance_ = VK_NULL_HANDLE;
    why_not = created == VK_ERROR_INCOMPATIBLE_DRIVER
                  ? "the Vulkan loader finds no driver"
                  : "the Vulkan loader creates no instance: " + NameOf(created);
    return nullptr;
  }
#define INFEROMETER_LOAD(name) \
  instance->api_.name = reinterpret_cast<PFN_vk##name>(get(instance->instance_, "vk" #name));
  INFEROMETER_VULKAN_INSTANCE_FUNCTIONS(INFEROMETER_LOAD)
#undef INFEROMETER_LOAD
  instance->api_.GetPhysicalDeviceCooperativeMatrixPropertiesKHR =
      reinterpret_cast<PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR>(
          get(instance->instance_, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
  if (instance->api_.EnumeratePhysicalDevices == nullptr ||
      instance->api_.GetPhysicalDeviceProperties2 == nullptr) {
    why_not = "the Vulkan loader lacks functions of version 1.1";
    return nullptr;
  }
  instance->devices_.resize(kMostDevices);
  std::uint32_t count = kMostDevices;
  const VkResult listed = instance->api_.EnumeratePhysicalDevices(instance->instance_, &count,
                                                                  instance->devices_.data());
  instance->devices_.resize(listed >= 0 ? count : 0);
  if (instance->devices_.empty()) {
    why_not = listed >= 0 ? "no Vulkan driver has a device"
                          : "the Vulkan drivers list no device: " + NameOf(listed);
    return nullptr;
  }
  return instance;
}

Instance::~Instance() {
  if (instance_ != VK_NULL_HANDLE && api_.DestroyInstance != nullptr) {
    api_.DestroyInstance(instance_, nullptr);
  }
}

}  // namespace inferometer::vulkan
