// A Vulkan driver that misbehaves as FAKE_BEHAVIOUR says: hangs, crashes, offers nothing, or tells
// garbage. Loader-driver interface: Vulkan-Loader's docs/LoaderDriverInterface.md.
#define VK_NO_PROTOTYPES 1
#include <unistd.h>
#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

enum Behaviour { kHang, kCrash, kEmpty, kGarbage };
constexpr Behaviour kBehaviour = FAKE_BEHAVIOUR;

// The loader writes its own table into the first word of what it dispatches on.
struct Dispatchable {
  std::uintptr_t loader_magic = 0x01CDC0DE;
};
Dispatchable the_instance, the_device;

VkResult VKAPI_CALL CreateInstance(const VkInstanceCreateInfo*, const VkAllocationCallbacks*,
                                   VkInstance* instance) {
  *instance = reinterpret_cast<VkInstance>(&the_instance);
  return VK_SUCCESS;
}

VkResult VKAPI_CALL NoExtensions(const char*, std::uint32_t* count, VkExtensionProperties*) {
  *count = 0;
  return VK_SUCCESS;
}

VkResult VKAPI_CALL EnumeratePhysicalDevices(VkInstance, std::uint32_t* count,
                                             VkPhysicalDevice* devices) {
  if (kBehaviour == kHang) {
    for (;;) pause();
  }
  if (kBehaviour == kCrash) std::abort();
  const std::uint32_t room = *count;
  *count = kBehaviour == kGarbage ? 1 : 0;
  if (devices != nullptr && room > 0 && *count > 0)
    devices[0] = reinterpret_cast<VkPhysicalDevice>(&the_device);
  return VK_SUCCESS;
}

void Fill(char* text, std::size_t size) {  // no NUL, escape sequences, broken UTF-8
  constexpr std::string_view kPattern = "Evil\x1b[31m\n\"\xff\xc3";
  for (std::size_t i = 0; i < size; ++i) text[i] = kPattern[i % kPattern.size()];
}

void VKAPI_CALL Properties(VkPhysicalDevice, VkPhysicalDeviceProperties* properties) {
  std::memset(properties, 0xff, sizeof *properties);
  properties->apiVersion = VK_MAKE_API_VERSION(0, 1, 0, 0);
  Fill(properties->deviceName, sizeof properties->deviceName);
}

VkResult VKAPI_CALL DeviceExtensions(VkPhysicalDevice, const char*, std::uint32_t* count,
                                     VkExtensionProperties* properties) {
  if (properties == nullptr) {
    *count = 100000;  // more than anybody should believe
    return VK_SUCCESS;
  }
  for (std::uint32_t i = 0; i < *count && i < 64; ++i)
    Fill(properties[i].extensionName, sizeof properties[i].extensionName);
  return VK_SUCCESS;
}

void VKAPI_CALL QueueFamilies(VkPhysicalDevice, std::uint32_t* count, VkQueueFamilyProperties*) {
  *count = 0xffffffff;
}

void VKAPI_CALL Nothing() {}

extern "C" PFN_vkVoidFunction VKAPI_CALL GetProcAddress(VkInstance, const char* name) {
  const std::string_view wanted = name;
  const auto is = [](auto function) { return reinterpret_cast<PFN_vkVoidFunction>(function); };
  if (wanted == "vkCreateInstance") return is(&CreateInstance);
  if (wanted == "vkEnumerateInstanceExtensionProperties") return is(&NoExtensions);
  if (wanted == "vkEnumeratePhysicalDevices") return is(&EnumeratePhysicalDevices);
  if (wanted == "vkGetPhysicalDeviceProperties") return is(&Properties);
  if (wanted == "vkEnumerateDeviceExtensionProperties") return is(&DeviceExtensions);
  if (wanted == "vkGetPhysicalDeviceQueueFamilyProperties") return is(&QueueFamilies);
  if (wanted.ends_with("KHR") || wanted.ends_with("EXT") || wanted.ends_with("2")) return nullptr;
  if (wanted == "vkEnumerateInstanceVersion" || wanted == "vkEnumeratePhysicalDeviceGroups")
    return nullptr;
  return &Nothing;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the loader looks for these names
extern "C" {

__attribute__((visibility("default"))) VkResult
vk_icdNegotiateLoaderICDInterfaceVersion(std::uint32_t* version) {
  if (*version > 3) *version = 3;
  return VK_SUCCESS;
}

__attribute__((visibility("default"))) PFN_vkVoidFunction
vk_icdGetInstanceProcAddr(VkInstance instance, const char* name) {
  return GetProcAddress(instance, name);
}
}
// NOLINTEND(readability-identifier-naming)
