// A device that only compiles: what a driver says about the machine code of a pipeline, by
// VK_KHR_pipeline_executable_properties.
#ifndef INFEROMETER_TESTS_BACKENDS_VULKAN_ISA_DEVICE_H_
#define INFEROMETER_TESTS_BACKENDS_VULKAN_ISA_DEVICE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "backends/vulkan/capabilities.h"
#include "backends/vulkan/pipelines.h"

namespace inferometer::vulkan {

struct MachineCode {
  std::map<std::string, std::uint64_t> statistics;  // by the driver's names
  std::string assembly;                             // empty where it is not told
};

class IsaDevice {
 public:
  // The loader's first device. Throws Error when there is none, or it tells nothing of its code.
  IsaDevice();
  ~IsaDevice();
  IsaDevice(const IsaDevice&) = delete;
  IsaDevice& operator=(const IsaDevice&) = delete;

  const Capabilities& can() const { return can_; }
  MachineCode Compile(const PipelineKey& key) const;

 private:
  struct Api;

  std::shared_ptr<Instance> instance_;
  Capabilities can_;
  VkDevice device_ = VK_NULL_HANDLE;
  std::unique_ptr<Api> api_;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_TESTS_BACKENDS_VULKAN_ISA_DEVICE_H_
