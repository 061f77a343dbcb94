// The matrix shapes that VK_KHR_cooperative_matrix offers, also where the headers are older than
// it.
#ifndef INFEROMETER_PROBES_GPU_VULKAN_MATRIX_H_
#define INFEROMETER_PROBES_GPU_VULKAN_MATRIX_H_

// Included after vulkan_core.h, by the one file that asks Vulkan.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace inferometer {

// VkCooperativeMatrixPropertiesKHR, of Vulkan-Headers 1.3.255 and later.
struct CooperativeMatrix {
  VkStructureType type = static_cast<VkStructureType>(1000506001);
  void* next = nullptr;
  std::uint32_t m = 0, n = 0, k = 0;
  std::uint32_t a = 0, b = 0, c = 0, result = 0;  // VkComponentTypeKHR
  VkBool32 saturating = VK_FALSE;
  std::uint32_t scope = 0;  // VkScopeKHR
};

inline std::string ComponentName(std::uint32_t type) {
  constexpr const char* kNames[] = {"fp16",  "fp32",  "fp64",   "int8",   "int16", "int32",
                                    "int64", "uint8", "uint16", "uint32", "uint64"};
  if (type < std::size(kNames)) return kNames[type];
  if (type == 1000141000) return "bf16";
  if (type == 1000491002) return "fp8_e4m3";
  if (type == 1000491003) return "fp8_e5m2";
  return "type " + std::to_string(type);
}

inline nlohmann::json CooperativeMatrices(PFN_vkGetInstanceProcAddr get, VkInstance instance,
                                          VkPhysicalDevice device) {
  using List = VkResult(VKAPI_PTR*)(VkPhysicalDevice, std::uint32_t*, CooperativeMatrix*);
  constexpr std::uint32_t kMost = 1024;
  nlohmann::json rows = nlohmann::json::array();
  const auto list =
      reinterpret_cast<List>(get(instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
  std::uint32_t count = 0;
  if (list == nullptr || list(device, &count, nullptr) < 0) return rows;
  std::vector<CooperativeMatrix> shapes(std::min(count, kMost));
  count = static_cast<std::uint32_t>(shapes.size());
  if (list(device, &count, shapes.data()) < 0) return rows;
  shapes.resize(std::min<std::size_t>(count, shapes.size()));
  for (const CooperativeMatrix& shape : shapes) {
    constexpr const char* kScopes[] = {"none",     "device", "workgroup",
                                       "subgroup", "",       "queue family"};
    rows.push_back({{"m", shape.m},
                    {"n", shape.n},
                    {"k", shape.k},
                    {"a", ComponentName(shape.a)},
                    {"b", ComponentName(shape.b)},
                    {"c", ComponentName(shape.c)},
                    {"result", ComponentName(shape.result)},
                    {"scope", shape.scope < std::size(kScopes) ? kScopes[shape.scope] : "other"}});
  }
  return rows;
}

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_GPU_VULKAN_MATRIX_H_
