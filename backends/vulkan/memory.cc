// Blocks of device memory and the slices of them.
#include "backends/vulkan/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "harness/base/error.h"

namespace inferometer::vulkan {
namespace {

constexpr std::uint64_t kBlock = std::uint64_t{64} << 20;
constexpr std::uint64_t kSmallBlock = std::uint64_t{1} << 20;  // of memory that the host sees
constexpr std::uint64_t kAlignment = 256;

std::uint64_t RoundUp(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

Memory::~Memory() {
  for (Block& block : blocks_) Release(block);
}

void Memory::Release(Block& block) {
  const DeviceApi& api = gpu_.api();
  if (block.buffer != VK_NULL_HANDLE) api.DestroyBuffer(gpu_.device(), block.buffer, nullptr);
  if (block.memory != VK_NULL_HANDLE) api.FreeMemory(gpu_.device(), block.memory, nullptr);
  block = Block{};
}

Memory::Block Memory::NewBlock(std::uint64_t bytes, MemoryKind kind) {
  const DeviceApi& api = gpu_.api();
  Block block;
  block.kind = kind;
  block.bytes = bytes;
  VkBufferCreateInfo buffer = {};
  buffer.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  buffer.size = bytes;
  buffer.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT |
                 VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  try {
    Check(api.CreateBuffer(gpu_.device(), &buffer, nullptr, &block.buffer), "creating a buffer");
    VkMemoryRequirements needs;
    api.GetBufferMemoryRequirements(gpu_.device(), block.buffer, &needs);
    constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT,
                                    kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
                                    kMapped = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                              VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    // From the best kind of memory to what every device has.
    std::vector<VkMemoryPropertyFlags> wishes;
    if (kind == MemoryKind::kTensor) {
      if (gpu_.can().unified) wishes.push_back(kLocal | kMapped | kCached);
      wishes.push_back(kLocal);
    } else if (kind == MemoryKind::kHost) {
      wishes = {kLocal | kMapped, kMapped};
    } else {
      wishes = {kMapped | kCached, kMapped};
    }
    if (kind == MemoryKind::kTensor) wishes.push_back(0);
    VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
    bool mapped = false;
    for (const VkMemoryPropertyFlags wish : wishes) {
      const int type = FindMemoryType(gpu_.memory(), needs.memoryTypeBits, wish);
      if (type < 0) continue;
      VkMemoryAllocateInfo info = {};
      info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
      info.allocationSize = needs.size;
      info.memoryTypeIndex = static_cast<std::uint32_t>(type);
      result = api.AllocateMemory(gpu_.device(), &info, nullptr, &block.memory);
      mapped = (wish & kMapped) == kMapped;
      if (result == VK_SUCCESS || kind == MemoryKind::kTensor) break;
    }
    Check(result, "allocating memory");
    Check(api.BindBufferMemory(gpu_.device(), block.buffer, block.memory, 0), "binding memory");
    if (mapped) {
      void* at = nullptr;
      Check(api.MapMemory(gpu_.device(), block.memory, 0, VK_WHOLE_SIZE, 0, &at), "mapping memory");
      block.mapped = static_cast<std::byte*>(at);
    }
  } catch (...) {
    Release(block);
    throw;
  }
  block.free[0] = bytes;
  return block;
}

Slice Memory::Allocate(std::uint64_t bytes, MemoryKind kind, const std::string& what) {
  const std::uint64_t size = std::max(RoundUp(bytes, kAlignment), kAlignment);
  const auto take = [&](std::size_t index) -> Slice {
    Block& block = blocks_[index];
    for (auto it = block.free.begin(); it != block.free.end(); ++it) {
      if (it->second < size) continue;
      const auto [offset, room] = *it;
      block.free.erase(it);
      if (room > size) block.free[offset + size] = room - size;
      used_bytes_ += size;
      return {block.buffer, offset, bytes,
              block.mapped == nullptr ? nullptr : block.mapped + offset, index};
    }
    return {};
  };
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].buffer == VK_NULL_HANDLE || blocks_[i].kind != kind) continue;
    if (const Slice slice = take(i); slice.buffer != VK_NULL_HANDLE) return slice;
  }
  const Capabilities& can = gpu_.can();
  const std::uint64_t usual = kind == MemoryKind::kTensor ? kBlock : kSmallBlock;
  if (size > can.most_allocation || (kind == MemoryKind::kTensor && size > can.heap_bytes)) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{}: '{}' needs {} bytes in one piece, and the device gives at most {}",
                            can.name, what, size, std::min(can.most_allocation, can.heap_bytes)));
  }
  Block block;
  try {
    block = NewBlock(std::clamp(usual, size, std::max(size, can.most_allocation)), kind);
  } catch (const Error& error) {
    // A device that is nearly full may still have room for this alone.
    try {
      block = NewBlock(size, kind);
    } catch (const Error&) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("{}: '{}' needs {} bytes beside {} that are in use, of {}: {}",
                              can.name, what, size, used_bytes_, can.heap_bytes, error.what()));
    }
  }
  const auto empty = std::find_if(blocks_.begin(), blocks_.end(),
                                  [](const Block& b) { return b.buffer == VK_NULL_HANDLE; });
  const auto index = static_cast<std::size_t>(empty - blocks_.begin());
  if (empty == blocks_.end()) {
    blocks_.push_back(std::move(block));
  } else {
    *empty = std::move(block);
  }
  return take(index);
}

void Memory::Free(const Slice& slice) {
  if (slice.buffer == VK_NULL_HANDLE) return;
  Block& block = blocks_[slice.block];
  const std::uint64_t size = std::max(RoundUp(slice.bytes, kAlignment), kAlignment);
  used_bytes_ -= size;
  auto it = block.free.emplace(slice.offset, size).first;
  if (const auto next = std::next(it);
      next != block.free.end() && it->first + it->second == next->first) {
    it->second += next->second;
    block.free.erase(next);
  }
  if (it != block.free.begin()) {
    if (const auto before = std::prev(it); before->first + before->second == it->first) {
      before->second += it->second;
      block.free.erase(it);
      it = before;
    }
  }
  if (it->second == block.bytes) Release(block);
}

}  // namespace inferometer::vulkan
