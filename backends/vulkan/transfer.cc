// Copies between host and device.
#include "backends/vulkan/transfer.h"

#include <algorithm>
#include <cstring>

namespace inferometer::vulkan {
namespace {

// Everything before is done and seen before anything after.
void FullBarrier(const DeviceApi& api, VkCommandBuffer commands) {
  VkMemoryBarrier barrier = {};
  barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
  barrier.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT;
  barrier.dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
  api.CmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                         VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT, 0, 1,
                         &barrier, 0, nullptr, 0, nullptr);
}

}  // namespace

Transfer::~Transfer() { memory_.Free(staging_); }

Slice& Transfer::Staging() {
  if (staging_.buffer == VK_NULL_HANDLE) {
    staging_ = memory_.Allocate(kStaging, MemoryKind::kReadback, "staging");
  }
  return staging_;
}

void Transfer::Write(const Slice& slice, std::uint64_t at, std::span<const std::byte> data) {
  if (slice.mapped != nullptr) {
    std::memcpy(slice.mapped + at, data.data(), data.size());
    return;
  }
  const Slice& staging = Staging();
  while (!data.empty()) {
    const std::size_t size = std::min<std::size_t>(data.size(), kStaging);
    std::memcpy(staging.mapped, data.data(), size);
    gpu_.RunOnce([&](VkCommandBuffer commands) {
      FullBarrier(gpu_.api(), commands);
      const VkBufferCopy copy = {staging.offset, slice.offset + at, size};
      gpu_.api().CmdCopyBuffer(commands, staging.buffer, slice.buffer, 1, &copy);
      FullBarrier(gpu_.api(), commands);
    });
    data = data.subspan(size);
    at += size;
  }
}

void Transfer::Read(const Slice& slice, std::uint64_t at, std::span<std::byte> out) {
  if (slice.mapped != nullptr) {
    std::memcpy(out.data(), slice.mapped + at, out.size());
    return;
  }
  const Slice& staging = Staging();
  while (!out.empty()) {
    const std::size_t size = std::min<std::size_t>(out.size(), kStaging);
    gpu_.RunOnce([&](VkCommandBuffer commands) {
      FullBarrier(gpu_.api(), commands);
      const VkBufferCopy copy = {slice.offset + at, staging.offset, size};
      gpu_.api().CmdCopyBuffer(commands, slice.buffer, staging.buffer, 1, &copy);
      FullBarrier(gpu_.api(), commands);
    });
    std::memcpy(out.data(), staging.mapped, size);
    out = out.subspan(size);
    at += size;
  }
}

void Transfer::Zero(const Slice& slice) {
  if (slice.mapped != nullptr) {
    std::memset(slice.mapped, 0, slice.bytes);
    return;
  }
  gpu_.RunOnce([&](VkCommandBuffer commands) {
    FullBarrier(gpu_.api(), commands);
    gpu_.api().CmdFillBuffer(commands, slice.buffer, slice.offset, (slice.bytes + 3) / 4 * 4, 0);
    FullBarrier(gpu_.api(), commands);
  });
}

}  // namespace inferometer::vulkan
