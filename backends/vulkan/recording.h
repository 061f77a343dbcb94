// A command buffer recorded once for steps of one class of sizes, and run for each of them.
#ifndef INFEROMETER_BACKENDS_VULKAN_RECORDING_H_
#define INFEROMETER_BACKENDS_VULKAN_RECORDING_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "backends/vulkan/lower.h"
#include "backends/vulkan/memory.h"

namespace inferometer::vulkan {

// Bytes copied at the end of every run to where the host reads them at once.
struct MirrorCopy {
  Range from, to;
};

class Recording {
 public:
  // `single`: every step has one token and at most one output, so that only sizes that follow the
  // depth are read from a buffer, and that all is one piece of work. Other steps are cut into
  // pieces: drivers give a device up that works on one for seconds. Throws Error when the driver
  // refuses.
  Recording(Gpu& gpu, Memory& memory, Pipelines& pipelines, std::span<const Dispatch> dispatches,
            std::span<const MirrorCopy> mirrors, bool single);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // Runs it and waits. Seconds by the device's clock, where it has one.
  std::optional<double> Run(const gpu::StepCounts& counts);
  std::size_t barriers() const { return barriers_; }
  std::size_t pieces() const { return commands_.size(); }

 private:
  void Record(Pipelines& pipelines, std::span<const Dispatch> dispatches,
              std::span<const MirrorCopy> mirrors, bool single);
  // Ends the piece at hand, if there is one, and begins the next.
  VkCommandBuffer NextPiece();
  VkDescriptorSet NewSet(const Pipeline& pipeline, const Dispatch& dispatch);
  void Release();

  Gpu& gpu_;
  Memory& memory_;
  std::vector<VkCommandBuffer> commands_;
  VkDescriptorPool sets_ = VK_NULL_HANDLE;
  VkQueryPool times_ = VK_NULL_HANDLE;
  Slice sizes_;  // three words for each slot
  std::vector<std::function<Groups(const gpu::StepCounts&)>> slots_;
  gpu::StepCounts last_;
  std::size_t barriers_ = 0;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_RECORDING_H_
