// Takes tensors over.
#include "backends/opencl/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/error.h"

namespace inferometer::opencl {
namespace {

// Calls f(first canonical byte, sequence, head, position, bytes) for each row that the first
// `count` canonical bytes of a cache touch; of the last one maybe only a part.
template <typename F>
void ForEachRow(const Tensor& tensor, std::size_t count, F&& f) {
  const std::int64_t heads = tensor.desc.dims[1], positions = tensor.desc.dims[2];
  const auto row_bytes = static_cast<std::size_t>(tensor.cache.RowBytes());
  std::int64_t row = 0;
  for (std::size_t at = 0; at < count; at += row_bytes, ++row) {
    const std::int64_t place = row / heads;
    f(at, place / positions, row % heads, place % positions, std::min(row_bytes, count - at));
  }
}

}  // namespace

TensorId Tensors::Add(const TensorDesc& desc, std::span<const std::byte> data, ThreadPool* pool) {
  const std::uint64_t bytes = ByteSize(desc);
  if (!data.empty() && data.size() != bytes) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("tensor '{}' needs {} bytes, but {} were given", desc.name, bytes,
                            data.size()));
  }
  Tensor tensor{.desc = desc, .layout = {}, .cache = {}, .parts = {}};
  if (tensor.IsMatrix()) {
    AddMatrix(tensor, data, pool);
  } else if (tensor.IsCache()) {
    const std::string why_not = WhyNoCache(desc.format, desc.dims[0]);
    if (!why_not.empty()) {
      throw Error(ExitCode::kRunFailed, fmt::format("tensor '{}': {}", desc.name, why_not));
    }
    tensor.cache = CacheLayout(desc);
    tensor.parts.emplace_back(gpu_, tensor.cache.Bytes(), desc.name);
    tensor.parts.front().Zero();
  } else {
    // Kernels store whole vectors of 16 floats at most.
    constexpr std::uint64_t kSlack = 64;
    tensor.parts.emplace_back(gpu_, bytes + kSlack, desc.name,
                              desc.role == TensorRole::kHostBuffer);
    if (data.empty() && !IsBuffer(desc.role)) tensor.parts.front().Zero();
    tensor.parts.front().Write(0, data);
  }
  const TensorId id{next_++};
  const auto [it, added] = tensors_.emplace(static_cast<std::uint32_t>(id), std::move(tensor));
  if (it->second.IsCache() && !data.empty()) Write(id, data);
  return id;
}

void Tensors::AddMatrix(Tensor& tensor, std::span<const std::byte> data, ThreadPool* pool) {
  const TensorDesc& desc = tensor.desc;
  // Experts are not cut through.
  const std::int64_t planes = desc.dims[2] * desc.dims[3];
  tensor.layout = gpu::LayoutMatrix(desc.format, desc.dims[0], desc.dims[1] * planes,
                                    gpu_.can().most_range, planes > 1 ? desc.dims[1] : 1);
  for (const gpu::MatrixPart& part : tensor.layout.parts) {
    // Kernels load whole vectors of 16 elements.
    constexpr std::uint64_t kSlack = 64;
    Buffer& buffer = tensor.parts.emplace_back(gpu_, part.bytes + kSlack, desc.name);
    const Mapping mapping(gpu_, buffer, 0, part.bytes + kSlack, CL_MAP_WRITE);
    std::fill_n(mapping.data(), part.bytes + kSlack, std::byte{0});
    if (!data.empty()) gpu::PackPart(tensor.layout, part, data, mapping.data(), pool);
  }
}

const Tensor& Tensors::At(TensorId id) const {
  const auto it = tensors_.find(static_cast<std::uint32_t>(id));
  if (it == tensors_.end()) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("the device holds no tensor {}", static_cast<std::uint32_t>(id)));
  }
  return it->second;
}

void Tensors::CheckAccess(const char* what, const Tensor& tensor, std::size_t size) const {
  if (!tensor.IsMatrix() && size <= ByteSize(tensor.desc)) return;
  throw Error(ExitCode::kRunFailed,
              fmt::format("cannot {} {} bytes of tensor '{}'", what, size, tensor.desc.name));
}

void Tensors::Read(TensorId id, std::span<std::byte> out) {
  const Tensor& tensor = At(id);
  CheckAccess("read", tensor, out.size());
  if (!tensor.IsCache()) return tensor.parts.front().Read(0, out);
  const Mapping mapping(gpu_, tensor.parts.front(), 0, tensor.cache.Bytes(), CL_MAP_READ);
  const auto* cache = reinterpret_cast<const std::uint8_t*>(mapping.data());
  std::vector<std::uint8_t> last(static_cast<std::size_t>(tensor.cache.RowBytes()));
  ForEachRow(tensor, out.size(),
             [&](std::size_t at, std::int64_t sequence, std::int64_t head, std::int64_t position,
                 std::size_t n) {
               auto* to = reinterpret_cast<std::uint8_t*>(out.data() + at);
               const bool whole = n == last.size();
               tensor.cache.Get(sequence, head, position, cache, whole ? to : last.data());
               if (!whole) std::copy_n(last.data(), n, to);
             });
}

void Tensors::Write(TensorId id, std::span<const std::byte> data) {
  const Tensor& tensor = At(id);
  CheckAccess("write", tensor, data.size());
  if (!tensor.IsCache()) {
    tensor.parts.front().Write(0, data);
    return;
  }
  const Mapping mapping(gpu_, tensor.parts.front(), 0, tensor.cache.Bytes(),
                        CL_MAP_READ | CL_MAP_WRITE);
  auto* cache = reinterpret_cast<std::uint8_t*>(mapping.data());
  std::vector<std::uint8_t> last(static_cast<std::size_t>(tensor.cache.RowBytes()));
  ForEachRow(tensor, data.size(),
             [&](std::size_t at, std::int64_t sequence, std::int64_t head, std::int64_t position,
                 std::size_t n) {
               const auto* from = reinterpret_cast<const std::uint8_t*>(data.data() + at);
               if (n < last.size()) {  // the rest of the row stays
                 tensor.cache.Get(sequence, head, position, cache, last.data());
                 std::copy_n(from, n, last.data());
                 from = last.data();
               }
               tensor.cache.Put(sequence, head, position, from, cache);
             });
}

}  // namespace inferometer::opencl
