// Bytes to and from slices: in place where the host reaches them, else through a staging buffer.
#ifndef INFEROMETER_BACKENDS_VULKAN_TRANSFER_H_
#define INFEROMETER_BACKENDS_VULKAN_TRANSFER_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "backends/vulkan/memory.h"

namespace inferometer::vulkan {

class Transfer {
 public:
  Transfer(Gpu& gpu, Memory& memory) : gpu_(gpu), memory_(memory) {}
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // `at` is an offset in the slice.
  void Write(const Slice& slice, std::uint64_t at, std::span<const std::byte> data);
  void Read(const Slice& slice, std::uint64_t at, std::span<std::byte> out);
  void Zero(const Slice& slice);

 private:
  static constexpr std::uint64_t kStaging = std::uint64_t{8} << 20;
  Slice& Staging();

  Gpu& gpu_;
  Memory& memory_;
  Slice staging_;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_TRANSFER_H_
