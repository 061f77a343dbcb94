// Takes tensors over: matrices into planes, caches into rows.
#include "backends/vulkan/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "backends/vulkan/shaders/interface.h"
#include "harness/base/error.h"
#include "models/quant/blocks.h"

namespace inferometer::vulkan {
namespace {

constexpr std::size_t kBlock = sizeof(BlockQ8_0), kCodes = sizeof(BlockQ8_0::qs);

bool IsQuantizedCache(const Tensor& tensor) {
  return tensor.IsCache() && tensor.desc.format == QuantId::kQ8_0;
}

}  // namespace

Tensors::~Tensors() {
  for (const auto& [id, tensor] : tensors_) FreeParts(tensor);
}

void Tensors::FreeParts(const Tensor& tensor) {
  for (const Slice& slice : tensor.parts) memory_.Free(slice);
}

void Tensors::AddMatrix(Tensor& tensor, std::span<const std::byte> data, ThreadPool* pool) {
  const TensorDesc& desc = tensor.desc;
  const std::int64_t rows = tensor.Rows();
  // The experts of a stack stay whole, so that one pass finds all rows of an expert in one part.
  const std::int64_t unit = rows > desc.dims[1] ? desc.dims[1] : 1;
  const std::uint64_t most = std::min(gpu_.can().most_range, gpu_.can().most_allocation);
  tensor.layout = gpu::LayoutMatrix(desc.format, desc.dims[0], rows, most, unit,
                                    gpu_.can().lanes ? LANES_TOGETHER : 1);
  std::vector<std::byte> packed;
  for (const gpu::MatrixPart& part : tensor.layout.parts) {
    tensor.parts.push_back(memory_.Allocate(part.bytes, MemoryKind::kTensor, desc.name));
    const Slice& slice = tensor.parts.back();
    if (data.empty()) {
      transfer_.Zero(slice);
    } else if (slice.mapped != nullptr) {
      std::memset(slice.mapped, 0, part.bytes);
      gpu::PackPart(tensor.layout, part, data, slice.mapped, pool);
    } else {
      packed.assign(part.bytes, std::byte{0});
      gpu::PackPart(tensor.layout, part, data, packed.data(), pool);
      transfer_.Write(slice, 0, packed);
    }
  }
}

TensorId Tensors::Add(const TensorDesc& desc, std::span<const std::byte> data, ThreadPool* pool) {
  if (!data.empty() && data.size() != ByteSize(desc)) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("tensor '{}' needs {} bytes, but {} were given", desc.name,
                            ByteSize(desc), data.size()));
  }
  Tensor tensor{.desc = desc, .layout = {}, .parts = {}};
  try {
    if (tensor.IsMatrix()) {
      AddMatrix(tensor, data, pool);
    } else {
      const std::uint64_t bytes = ByteSize(desc);
      const bool buffer = IsBuffer(desc.role);  // bound piece by piece
      const MemoryKind kind =
          desc.role == TensorRole::kHostBuffer ? MemoryKind::kReadback : MemoryKind::kTensor;
      const std::uint64_t most = gpu_.can().most_range;
      if (bytes > most && !buffer) {
        throw Error(ExitCode::kRunFailed,
                    fmt::format("{}: tensor '{}' has {} bytes, and a shader sees at most {} at "
                                "once; choose a smaller context",
                                gpu_.can().name, desc.name, bytes, most));
      }
      if (IsQuantizedCache(tensor)) tensor.scales_at = bytes / kBlock * kCodes;
      // Shaders write whole words.
      tensor.parts.push_back(memory_.Allocate((bytes + 3) / 4 * 4, kind, desc.name));
      if (!buffer && (data.empty() || bytes % 4 != 0)) transfer_.Zero(tensor.parts[0]);
      if (!data.empty() && !IsQuantizedCache(tensor)) transfer_.Write(tensor.parts[0], 0, data);
    }
  } catch (...) {
    FreeParts(tensor);
    throw;
  }
  const TensorId id{next_++};
  const auto [it, added] = tensors_.emplace(static_cast<std::uint32_t>(id), std::move(tensor));
  if (!data.empty() && IsQuantizedCache(it->second)) Write(id, data);
  return id;
}

void Tensors::Remove(TensorId id) {
  const auto it = tensors_.find(static_cast<std::uint32_t>(id));
  if (it == tensors_.end()) return;
  FreeParts(it->second);
  tensors_.erase(it);
}

const Tensor& Tensors::At(TensorId id) const {
  const auto it = tensors_.find(static_cast<std::uint32_t>(id));
  if (it == tensors_.end()) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("the device holds no tensor {}", static_cast<std::uint32_t>(id)));
  }
  return it->second;
}

Tensor& Tensors::At(TensorId id) { return const_cast<Tensor&>(std::as_const(*this).At(id)); }

void Tensors::Read(TensorId id, std::span<std::byte> out) {
  const Tensor& tensor = At(id);
  if (tensor.IsMatrix() || out.size() > ByteSize(tensor.desc)) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot read {} bytes of tensor '{}'", out.size(), tensor.desc.name));
  }
  if (out.empty()) return;
  if (tensor.mirror != nullptr && out.size() <= tensor.mirror_bytes) {
    std::memcpy(out.data(), tensor.mirror, out.size());
    return;
  }
  if (!IsQuantizedCache(tensor)) {
    transfer_.Read(tensor.parts[0], 0, out);
    return;
  }
  const std::size_t blocks = (out.size() + kBlock - 1) / kBlock;
  std::vector<std::byte> codes(blocks * kCodes), scales(blocks * 2);
  transfer_.Read(tensor.parts[0], 0, codes);
  transfer_.Read(tensor.parts[0], tensor.scales_at, scales);
  for (std::size_t i = 0; i < blocks; ++i) {
    BlockQ8_0 block;
    std::memcpy(&block.d, scales.data() + 2 * i, 2);
    std::memcpy(block.qs, codes.data() + kCodes * i, kCodes);
    std::memcpy(out.data() + kBlock * i, &block, std::min(kBlock, out.size() - kBlock * i));
  }
}

void Tensors::Write(TensorId id, std::span<const std::byte> data) {
  Tensor& tensor = At(id);
  if (tensor.IsMatrix() || data.size() > ByteSize(tensor.desc)) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot write {} bytes to tensor '{}'", data.size(), tensor.desc.name));
  }
  if (data.empty()) return;
  tensor.mirror = nullptr;
  if (!IsQuantizedCache(tensor)) {
    transfer_.Write(tensor.parts[0], 0, data);
    return;
  }
  const std::size_t blocks = (data.size() + kBlock - 1) / kBlock;
  std::vector<std::byte> codes(blocks * kCodes), scales(blocks * 2);
  const std::size_t whole = data.size() / kBlock * kBlock;
  for (std::size_t i = 0; i < blocks; ++i) {
    BlockQ8_0 block;
    if (kBlock * i == whole) {  // the rest of it stays
      std::byte old[kBlock];
      transfer_.Read(tensor.parts[0], kCodes * i, std::span(old).subspan(2, kCodes));
      transfer_.Read(tensor.parts[0], tensor.scales_at + 2 * i, std::span(old).first(2));
      std::memcpy(old, data.data() + whole, data.size() - whole);
      std::memcpy(&block, old, kBlock);
    } else {
      std::memcpy(&block, data.data() + kBlock * i, kBlock);
    }
    std::memcpy(scales.data() + 2 * i, &block.d, 2);
    std::memcpy(codes.data() + kCodes * i, block.qs, kCodes);
  }
  transfer_.Write(tensor.parts[0], 0, codes);
  transfer_.Write(tensor.parts[0], tensor.scales_at, scales);
}

}  // namespace inferometer::vulkan
