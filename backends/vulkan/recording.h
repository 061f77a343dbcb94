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
  // refuses. `times`: of all of it, or of each dispatch, which then runs alone.
  enum class Times : std::uint8_t { kWhole, kEach };
  Recording(Gpu& gpu, Memory& memory, Pipelines& pipelines, std::span<const Dispatch> dispatches,
            std::span<const MirrorCopy> mirrors, bool single, Times times = Times::kWhole);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // Runs it and waits. Seconds by the device's clock, where it has one.
  std::optional<double> Run(const gpu::StepCounts& counts);
  // Seconds of each dispatch of the last run, with Times::kEach; empty where the device has no
  // clock.
  std::vector<double> EachSeconds() const;
  std::size_t dispatches() const { return dispatches_; }
  std::size_t barriers() const { return barriers_; }
  std::size_t pieces() const { return commands_.size(); }

 private:
  void Record(Pipelines& pipelines, std::span<const Dispatch> dispatches,
              std::span<const MirrorCopy> mirrors, bool single);
  // The device's clock at each timestamp; empty where it has none.
  std::vector<std::uint64_t> Ticks() const;
  double Seconds(std::uint64_t from, std::uint64_t to) const;
  // Ends the piece at hand, if there is one, and begins the next.
  VkCommandBuffer NextPiece();
  VkDescriptorSet NewSet(const Pipeline& pipeline, const Dispatch& dispatch);
  VkBufferView NewView(const Texels& texels);
  void Release();

  Gpu& gpu_;
  Memory& memory_;
  std::vector<VkCommandBuffer> commands_;
  VkDescriptorPool sets_ = VK_NULL_HANDLE;
  std::vector<VkBufferView> views_;
  VkQueryPool times_ = VK_NULL_HANDLE;
  Slice sizes_;  // three words for each slot
  std::vector<std::function<Groups(const gpu::StepCounts&)>> slots_;
  gpu::StepCounts last_;
  std::size_t barriers_ = 0, dispatches_ = 0;
  const Times timed_;
  std::uint32_t timestamps_ = 2;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_RECORDING_H_
