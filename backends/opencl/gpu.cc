// Opens a device, and moves bytes to and from its buffers.
#include "backends/opencl/gpu.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer::opencl {

Gpu::Gpu(cl_platform_id platform, cl_device_id device, const Capabilities& can)
    : device_(device), can_(can) {
  const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                              reinterpret_cast<cl_context_properties>(platform), 0};
  cl_int result = CL_SUCCESS;
  context_ = cl().CreateContext(properties, 1, &device_, nullptr, nullptr, &result);
  Check(result, fmt::format("opening {}", can_.name));
  queue_ = cl().CreateCommandQueue(context_, device_, CL_QUEUE_PROFILING_ENABLE, &result);
  if (result != CL_SUCCESS) cl().ReleaseContext(context_);
  Check(result, fmt::format("making a queue of {}", can_.name));
}

Gpu::~Gpu() {
  cl().Finish(queue_);
  cl().ReleaseCommandQueue(queue_);
  cl().ReleaseContext(context_);
}

Buffer::Buffer(Gpu& gpu, std::uint64_t bytes, std::string_view what, bool host)
    : gpu_(&gpu), bytes_(std::max<std::uint64_t>(bytes, 64)) {
  const cl_mem_flags flags =
      CL_MEM_READ_WRITE | (host || gpu.can().unified ? CL_MEM_ALLOC_HOST_PTR : 0);
  cl_int result = CL_SUCCESS;
  memory_ = gpu.cl().CreateBuffer(gpu.context(), flags, bytes_, nullptr, &result);
  if (result == CL_SUCCESS) return;
  memory_ = nullptr;
  throw Error(ExitCode::kRunFailed,
              fmt::format("opencl: {} cannot hold '{}' of {} ({}; one buffer may have {}): take a "
                          "smaller model or context",
                          gpu.can().name, what, HumanBytes(static_cast<double>(bytes_)),
                          NameOfResult(result),
                          HumanBytes(static_cast<double>(gpu.can().most_allocation))));
}

Buffer::~Buffer() {
  if (memory_ != nullptr) gpu_->cl().ReleaseMemObject(memory_);
}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(gpu_, other.gpu_);
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

void Buffer::Zero() {
  const Mapping mapping(*gpu_, *this, 0, bytes_, CL_MAP_WRITE);
  std::fill_n(mapping.data(), bytes_, std::byte{0});
}

void Buffer::Read(std::uint64_t at, std::span<std::byte> out) const {
  if (out.empty()) return;
  Check(gpu_->cl().EnqueueReadBuffer(gpu_->queue(), memory_, CL_TRUE, at, out.size(), out.data(), 0,
                                     nullptr, nullptr),
        "reading a buffer");
}

void Buffer::Write(std::uint64_t at, std::span<const std::byte> data) const {
  if (data.empty()) return;
  Check(gpu_->cl().EnqueueWriteBuffer(gpu_->queue(), memory_, CL_TRUE, at, data.size(), data.data(),
                                      0, nullptr, nullptr),
        "writing a buffer");
}

Mapping::Mapping(Gpu& gpu, const Buffer& buffer, std::uint64_t at, std::uint64_t bytes,
                 cl_map_flags flags)
    : gpu_(gpu), memory_(buffer.get()) {
  cl_int result = CL_SUCCESS;
  data_ = static_cast<std::byte*>(gpu_.cl().EnqueueMapBuffer(
      gpu_.queue(), memory_, CL_TRUE, flags, at, bytes, 0, nullptr, nullptr, &result));
  Check(result, "mapping a buffer");
}

Mapping::~Mapping() {
  gpu_.cl().EnqueueUnmapMemObject(gpu_.queue(), memory_, data_, 0, nullptr, nullptr);
  gpu_.cl().Finish(gpu_.queue());
}

}  // namespace inferometer::opencl
