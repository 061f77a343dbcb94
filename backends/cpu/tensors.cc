// Takes tensors over: packs matrices, lays caches out by head.
#include "backends/cpu/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
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

// Calls f(index of an element in canonical order, its place in the head-wise layout) for the first
// `count` elements of a cache.
template <typename F>
void ForEachElement(const Tensor& cache, std::size_t count, F&& f) {
  const auto& [head_dim, heads, positions, sequences] = cache.desc.dims;
  std::size_t i = 0;
  for (std::int64_t s = 0; s < sequences; ++s) {
    for (std::int64_t p = 0; p < positions; ++p) {
      for (std::int64_t h = 0; h < heads; ++h) {
        for (std::int64_t d = 0; d < head_dim; ++d, ++i) {
          if (i >= count) return;
          f(i, cache.Head(s, h) + cache.Within(p, d));
        }
      }
    }
  }
}

}  // namespace

TensorId Tensors::Add(const TensorDesc& desc, std::span<const std::byte> data, ThreadPool& pool) {
  if (!data.empty() && data.size() != ByteSize(desc)) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("tensor '{}' needs {} bytes, but {} were given", desc.name,
                            ByteSize(desc), data.size()));
  }
  Tensor tensor{.desc = desc, .layout = {}, .data = {}};
  if (tensor.IsMatrix()) {
    tensor.layout = LayoutFor(kernels_, desc.format, desc.dims[0], desc.dims[1]);
    tensor.data =
        HugeBuffer(static_cast<std::size_t>(tensor.layout.Bytes() * desc.dims[2] * desc.dims[3]));
    if (!data.empty()) PackMatrix(tensor, data, pool);
  } else if (tensor.IsCache()) {
    tensor.data = HugeBuffer(static_cast<std::size_t>(2 * desc.dims[0] * desc.dims[1] *
                                                      tensor.PaddedPositions() * desc.dims[3]));
  } else {
    // What probes stream over they fill first, each thread its part.
    const bool small = desc.role == TensorRole::kSmallPageBuffer;
    const bool probed = small || desc.role == TensorRole::kBuffer;
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
  ForEachElement(tensor, out.size() / 2, [&out](std::size_t i, const std::uint16_t* element) {
    std::memcpy(out.data() + 2 * i, element, sizeof *element);
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
  ForEachElement(tensor, data.size() / 2, [&data](std::size_t i, std::uint16_t* element) {
    std::memcpy(element, data.data() + 2 * i, sizeof *element);
  });
}

}  // namespace inferometer::cpu
