// A device in use: its context and its queue, and buffers of it.
#ifndef INFEROMETER_BACKENDS_OPENCL_GPU_H_
#define INFEROMETER_BACKENDS_OPENCL_GPU_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "backends/opencl/capabilities.h"

namespace inferometer::opencl {

class Gpu {
 public:
  // Throws Error when the driver refuses, for instance since the device is gone.
  Gpu(cl_platform_id platform, cl_device_id device, const Capabilities& can);
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  const Functions& cl() const { return TheLoader().functions; }
  const Capabilities& can() const { return can_; }
  cl_device_id device() const { return device_; }
  cl_context context() const { return context_; }
  cl_command_queue queue() const { return queue_; }  // in order, with times of events
  void Finish() { Check(cl().Finish(queue_), "waiting for the device"); }

 private:
  const cl_device_id device_;
  const Capabilities can_;
  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr;
};

// A buffer, in memory that the host shares where the device has such. Its content is not set.
class Buffer {
 public:
  Buffer() = default;
  // Throws Error naming `what` when memory does not suffice. `host`: in pinned memory of the host,
  // whatever the device.
  Buffer(Gpu& gpu, std::uint64_t bytes, std::string_view what, bool host = false);
  ~Buffer();
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept;

  cl_mem get() const { return memory_; }
  std::uint64_t bytes() const { return bytes_; }
  void Zero();
  // Blocking.
  void Read(std::uint64_t at, std::span<std::byte> out) const;
  void Write(std::uint64_t at, std::span<const std::byte> data) const;

 private:
  Gpu* gpu_ = nullptr;
  cl_mem memory_ = nullptr;
  std::uint64_t bytes_ = 0;
};

// A range of a buffer as the host sees it, until the end of its life: without a copy on unified
// memory.
class Mapping {
 public:
  Mapping(Gpu& gpu, const Buffer& buffer, std::uint64_t at, std::uint64_t bytes,
          cl_map_flags flags);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::byte* data() const { return data_; }

 private:
  Gpu& gpu_;
  cl_mem memory_;
  std::byte* data_ = nullptr;
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_GPU_H_
