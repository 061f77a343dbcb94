// The reference's tensors: bytes in their canonical layout, found by id.
#include "backends/reference/tensors.h"

#include <fmt/format.h>

#include <new>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer::reference {
namespace {

// Values that a tensor may hold at most: far above any real one, and low enough that no product of
// sizes with bytes overflows 64 bits.
constexpr std::int64_t kMostValues = std::int64_t{1} << 48;

void CheckDimensions(const TensorDesc& desc) {
  std::int64_t values = 1;
  for (const std::int64_t dim : desc.dims) {
    if (dim < 1 || dim > kMostValues / values) {
      throw Error(ExitCode::kInvalidInput,
                  fmt::format("tensor '{}' cannot have dimensions {} x {} x {} x {}", desc.name,
                              desc.dims[0], desc.dims[1], desc.dims[2], desc.dims[3]));
    }
    values *= dim;
  }
  const Format& format = FormatOf(desc.format);
  if (desc.role != TensorRole::kIndex && desc.dims[0] % format.block_weights != 0) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("tensor '{}' has rows of {} values, which are no whole {} blocks of {}",
                            desc.name, desc.dims[0], format.name, format.block_weights));
  }
}

}  // namespace

TensorId Tensors::Add(const TensorDesc& desc, std::span<const std::byte> data) {
  CheckDimensions(desc);
  const std::uint64_t size = ByteSize(desc);
  if (!data.empty() && data.size() != size) {
    throw Error(
        ExitCode::kInvalidInput,
        fmt::format("tensor '{}' needs {} bytes, but {} were given", desc.name, size, data.size()));
  }
  auto stored = std::make_unique<Stored>();
  stored->desc = desc;
  try {
    if (data.empty()) {
      stored->bytes.resize(size);
    } else {
      stored->bytes.assign(data.begin(), data.end());
    }
    stored_.push_back(std::move(stored));
  } catch (const std::exception&) {  // bad_alloc, length_error
    throw Error(ExitCode::kRunFailed,
                fmt::format("no memory for tensor '{}' of {}: take a smaller model or context",
                            desc.name, HumanBytes(static_cast<double>(size))));
  }
  return static_cast<TensorId>(stored_.size() - 1);
}

void Tensors::Remove(TensorId id) {
  at(id);  // throws for an unknown one
  stored_[static_cast<std::size_t>(id)].reset();
}

std::span<float> Tensors::Floats(TensorId id) {
  Stored& tensor = at(id);
  return {reinterpret_cast<float*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(float)};
}

std::span<std::int32_t> Tensors::Indices(TensorId id) {
  Stored& tensor = at(id);
  return {reinterpret_cast<std::int32_t*>(tensor.bytes.data()),
          tensor.bytes.size() / sizeof(std::int32_t)};
}

const Tensors::Stored& Tensors::at(TensorId id) const {
  const auto index = static_cast<std::size_t>(id);
  if (index >= stored_.size() || stored_[index] == nullptr) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("tensor {} is not on the reference device: it was never uploaded or "
                            "has been freed",
                            static_cast<std::uint32_t>(id)));
  }
  return *stored_[index];
}

}  // namespace inferometer::reference
