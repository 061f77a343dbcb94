// All that a device in use holds, in the order in which it must go.
#ifndef INFEROMETER_BACKENDS_VULKAN_ENGINE_H_
#define INFEROMETER_BACKENDS_VULKAN_ENGINE_H_

#include <memory>
#include <utility>

#include "backends/vulkan/pipelines.h"
#include "backends/vulkan/tensors.h"
#include "harness/base/cache_folder.h"

namespace inferometer::vulkan {

struct Engine {
  Engine(std::shared_ptr<Instance> instance, VkPhysicalDevice physical, const Capabilities& can)
      : gpu(std::move(instance), physical, can),
        memory(gpu),
        transfer(gpu, memory),
        pipelines(gpu, CacheFolder()),
        tensors(gpu, memory, transfer) {}

  Gpu gpu;
  Memory memory;
  Transfer transfer;
  Pipelines pipelines;
  Tensors tensors;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_ENGINE_H_
