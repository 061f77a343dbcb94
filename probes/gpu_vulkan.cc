// Asks Vulkan's loader for every physical device. Specification: Vulkan 1.3, chapter 4.
#include "probes/gpu_driver.h"

#if INFEROMETER_HAVE_VULKAN_HEADERS

#include <algorithm>
#include <vector>

#include "harness/base/dynamic_library.h"
#include "probes/gpu_vulkan.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

constexpr std::uint32_t kMostDevices = 64;
constexpr const char* kLoaders[] = {
#if defined(_WIN32)
    "vulkan-1.dll",
#elif defined(__APPLE__)
    "libvulkan.1.dylib",
    "libMoltenVK.dylib",
#else
    "libvulkan.so.1",
    "libvulkan.so",
#endif
};

std::string ResultName(VkResult result) {
  switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY:
      return "VK_ERROR_OUT_OF_HOST_MEMORY";
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
      return "VK_ERROR_OUT_OF_DEVICE_MEMORY";
    case VK_ERROR_INITIALIZATION_FAILED:
      return "VK_ERROR_INITIALIZATION_FAILED";
    case VK_ERROR_DEVICE_LOST:
      return "VK_ERROR_DEVICE_LOST";
    case VK_ERROR_INCOMPATIBLE_DRIVER:
      return "VK_ERROR_INCOMPATIBLE_DRIVER";
    default:
      return "VkResult " + std::to_string(result);
  }
}

Json Answer(const char* status, std::string reason) {
  return {{"status", status}, {"reason", std::move(reason)}, {"devices", Json::array()}};
}

VkResult CreateInstance(VulkanFunctions* vulkan, std::uint32_t version) {
  std::vector<const char*> names;
  std::uint32_t count = 0;
  VkInstanceCreateFlags flags = 0;
  // Without it loaders hide implementations on top of another API, such as MoltenVK.
  const auto list = vulkan->Find<PFN_vkEnumerateInstanceExtensionProperties>(
      "vkEnumerateInstanceExtensionProperties");
  if (list != nullptr && list(nullptr, &count, nullptr) >= 0) {
    count = std::min(count, kMostVulkanExtensions);
    std::vector<VkExtensionProperties> found(count);
    if (list(nullptr, &count, found.data()) < 0) found.clear();
    for (const VkExtensionProperties& one : found) {
      if (DriverText(one.extensionName) != "VK_KHR_portability_enumeration") continue;
      names.push_back("VK_KHR_portability_enumeration");
      flags = 1;  // VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR
      break;
    }
  }
  VkApplicationInfo application = {};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.pApplicationName = "inferometer";
  application.apiVersion = std::min(version, VK_API_VERSION_1_3);
  VkInstanceCreateInfo create = {};
  create.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  create.flags = flags;
  create.pApplicationInfo = &application;
  create.enabledExtensionCount = static_cast<std::uint32_t>(names.size());
  create.ppEnabledExtensionNames = names.data();
  const auto make = vulkan->Find<PFN_vkCreateInstance>("vkCreateInstance");
  return make == nullptr ? VK_ERROR_INITIALIZATION_FAILED
                         : make(&create, nullptr, &vulkan->instance);
}

}  // namespace

Json DescribeVulkan() {
  const DynamicLibrary loader(kLoaders);
  if (!loader) return Answer("no loader", loader.why_not());
  VulkanFunctions vulkan;
  vulkan.get = loader.Find<PFN_vkGetInstanceProcAddr>("vkGetInstanceProcAddr");
  if (vulkan.get == nullptr)
    return Answer("no loader",
                  loader.name() + " is no Vulkan loader: it has no vkGetInstanceProcAddr");
  std::uint32_t version = VK_API_VERSION_1_0;
  const auto tell = vulkan.Find<PFN_vkEnumerateInstanceVersion>("vkEnumerateInstanceVersion");
  if (tell != nullptr) tell(&version);
  Json answer = Answer("ok", "");
  answer["loader"] = loader.name();
  answer["loader_version"] = VulkanVersion(version);
  const auto say = [&answer](const char* status, std::string reason) {
    answer["status"] = status;
    answer["reason"] = std::move(reason);
    return answer;
  };
  VkResult result = CreateInstance(&vulkan, version);
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
    return say("no driver", "the loader found no driver that it can use");
  if (result != VK_SUCCESS)
    return say("no driver", "vkCreateInstance failed with " + ResultName(result));
  const auto list = vulkan.Find<PFN_vkEnumeratePhysicalDevices>("vkEnumeratePhysicalDevices");
  std::vector<VkPhysicalDevice> devices(kMostDevices);
  std::uint32_t count = kMostDevices;
  result = list(vulkan.instance, &count, devices.data());
  if (result < 0) return say("no device", "the driver failed with " + ResultName(result));
  devices.resize(std::min(count, kMostDevices));
  if (devices.empty()) return say("no device", "the driver is there and offers no device");
  for (const VkPhysicalDevice device : devices) {
    answer["devices"].push_back(DescribeVulkanDevice(vulkan, device));
  }
  return answer;
}

}  // namespace inferometer

#else

namespace inferometer {

nlohmann::json DescribeVulkan() {
  return {{"status", "not built"},
          {"reason", "this program was built without the Vulkan headers"},
          {"devices", nlohmann::json::array()}};
}

}  // namespace inferometer

#endif
