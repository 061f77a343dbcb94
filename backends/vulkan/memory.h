// Device memory in few large blocks, shared out in slices.
#ifndef INFEROMETER_BACKENDS_VULKAN_MEMORY_H_
#define INFEROMETER_BACKENDS_VULKAN_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backends/vulkan/gpu.h"

namespace inferometer::vulkan {

struct Slice {
  VkBuffer buffer = VK_NULL_HANDLE;
  std::uint64_t offset = 0, bytes = 0;
  std::byte* mapped = nullptr;  // where the host can write it, else null
  std::size_t block = 0;
};

enum class MemoryKind : std::uint8_t {
  kTensor,    // the device's own; mapped where memory is unified
  kHost,      // written by the host, read by the device
  kReadback,  // written by the device, read by the host
};

class Memory {
 public:
  explicit Memory(Gpu& gpu) : gpu_(gpu) {}
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Throws Error naming `what` with what it needs and what the device has.
  Slice Allocate(std::uint64_t bytes, MemoryKind kind, const std::string& what);
  void Free(const Slice& slice);
  std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  struct Block {
    MemoryKind kind = MemoryKind::kTensor;
    VkBuffer buffer = VK_NULL_HANDLE;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    std::byte* mapped = nullptr;
    std::uint64_t bytes = 0;
    std::map<std::uint64_t, std::uint64_t> free;  // offset -> bytes
  };

  Block NewBlock(std::uint64_t bytes, MemoryKind kind);
  void Release(Block& block);

  Gpu& gpu_;
  std::vector<Block> blocks_;  // those given back have no buffer
  std::uint64_t used_bytes_ = 0;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_MEMORY_H_
