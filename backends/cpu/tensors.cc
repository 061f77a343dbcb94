// Takes tensors over: packs matrices, lays caches out by head.
#include "backends/cpu/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "harness/base/error.h"

namespace inferometer::cpu {
namespace {

void PackMatrix(Tensor& tensor, std::span<const std::byte> data, ThreadPool& pool) {
  const PackedLayout& layout = tensor.layout;
  const std::int64_t planes = tensor.desc.dims[2] * tensor.desc.dims[3];
  const std::int64_t groups = layout.Groups(), units = planes * groups;
  const std::size_t plane_bytes = data.size() / static_cast<std::size_t>(planes);
  pool.Run([&](int worker) {
    const std::int64_t begin = units * worker / pool.threads();
    const std::int64_t end = units * (worker + 1) / pool.threads();
    for (std::int64_t unit = begin; unit < end; ++unit) {
      const std::int64_t plane = unit / groups;
      PackGroup(layout, unit % groups,
                data.subspan(static_cast<std::size_t>(plane) * plane_bytes, plane_bytes),
                tensor.data.As<std::uint8_t>() + plane * layout.Bytes());
    }
  });
}

// Calls f(first canonical byte, head, position, bytes) for each row that the first `count`
// canonical bytes of a cache touch; of the last one maybe only a part.
template <typename F>
void ForEachRow(const Tensor& cache, std::size_t count, F&& f) {
  const std::int64_t heads = cache.desc.dims[1], positions = cache.desc.dims[2];
  const auto row_bytes = static_cast<std::size_t>(cache.cache.RowBytes());
  std::int64_t row = 0;
  for (std::size_t at = 0; at < count; at += row_bytes, ++row) {
    const std::int64_t place = row / heads;
    f(at, cache.Head(place / positions, row % heads), place % positions,
      std::min(row_bytes, count - at));
  }
}

}  // namespace

TensorId Tensors::Add(const TensorDesc& desc, std::span<const std::byte> data, ThreadPool& pool) {
  if (!data.empty() && data.size() != ByteSize(desc)) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("tensor '{}' needs {} bytes, but {} were given", desc.name,
                            ByteSize(desc), data.size()));
  }
  Tensor tensor{.desc = desc, .layout = {}, .cache = {}, .data = {}};
  if (tensor.IsMatrix()) {
    tensor.layout = LayoutFor(kernels_, desc.format, desc.dims[0], desc.dims[1]);
    // What is packed at once is touched by the thread that packs it: near it, and all at a time.
    tensor.data =
        HugeBuffer(static_cast<std::size_t>(tensor.layout.Bytes() * desc.dims[2] * desc.dims[3]),
                   {.huge = true, .touch = data.empty()});
    if (!data.empty()) PackMatrix(tensor, data, pool);
  } else if (tensor.IsCache()) {
    const std::string why_not = WhyNoCache(desc.format, desc.dims[0]);
    if (!why_not.empty()) {
      throw Error(ExitCode::kRunFailed, fmt::format("tensor '{}': {}", desc.name, why_not));
    }
    tensor.cache = CacheLayout(kernels_, desc);
    tensor.data = HugeBuffer(
        static_cast<std::size_t>(tensor.cache.HeadBytes() * desc.dims[1] * desc.dims[3]));
  } else {
    // What probes stream over they fill first, each thread its part.
    const bool small = desc.role == TensorRole::kSmallPageBuffer;
    const bool probed = IsBuffer(desc.role);
    tensor.data = HugeBuffer(ByteSize(desc), {.huge = !small, .touch = !probed});
    std::copy(data.begin(), data.end(), tensor.data.data());
  }
  const TensorId id{next_++};
  const auto [it, added] = tensors_.emplace(static_cast<std::uint32_t>(id), std::move(tensor));
  if (it->second.IsCache() && !data.empty()) Write(id, data);
  return id;
}

const Tensor& Tensors::At(TensorId id) const {
  const auto it = tensors_.find(static_cast<std::uint32_t>(id));
  if (it == tensors_.end()) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("the device holds no tensor {}", static_cast<std::uint32_t>(id)));
  }
  return it->second;
}

void Tensors::Read(TensorId id, std::span<std::byte> out) const {
  const Tensor& tensor = At(id);
  if (tensor.IsMatrix() || out.size() > ByteSize(tensor.desc)) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot read {} bytes of tensor '{}'", out.size(), tensor.desc.name));
  }
  if (!tensor.IsCache()) {
    std::copy_n(tensor.data.data(), out.size(), out.begin());
    return;
  }
  ForEachRow(tensor, out.size(),
             [&](std::size_t at, const std::uint8_t* head, std::int64_t position, std::size_t n) {
               auto* to = reinterpret_cast<std::uint8_t*>(out.data() + at);
               std::uint8_t row[kMaxCacheRowBytes];
               const bool whole = n == static_cast<std::size_t>(tensor.cache.RowBytes());
               tensor.cache.Get(position, head, whole ? to : row);
               if (!whole) std::copy_n(row, n, to);
             });
}

void Tensors::Write(TensorId id, std::span<const std::byte> data) {
  const Tensor& tensor = At(id);
  if (tensor.IsMatrix() || data.size() > ByteSize(tensor.desc)) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot write {} bytes to tensor '{}'", data.size(), tensor.desc.name));
  }
  if (!tensor.IsCache()) {
    std::copy(data.begin(), data.end(), tensor.data.data());
    return;
  }
  ForEachRow(tensor, data.size(),
             [&](std::size_t at, std::uint8_t* head, std::int64_t position, std::size_t n) {
               const auto* from = reinterpret_cast<const std::uint8_t*>(data.data() + at);
               if (n == static_cast<std::size_t>(tensor.cache.RowBytes())) {
                 tensor.cache.Put(position, from, head);
                 return;
               }
               std::uint8_t row[kMaxCacheRowBytes];  // the rest of it stays
               tensor.cache.Get(position, head, row);
               std::copy_n(from, n, row);
               tensor.cache.Put(position, row, head);
             });
}

}  // namespace inferometer::cpu
